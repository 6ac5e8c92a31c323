using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>What a chain fits its later steps on: a trainer may read its input a hundred times and more.</summary>
internal static class TrainingCache
{
    /// <summary>A cache over a view; it keeps the columns that are read, and nothing else.</summary>
    /// <param name="host">The step's host.</param>
    /// <param name="view">The step's view.</param>
    /// <param name="what">The start of the warning if no cache is possible.</param>
    /// <param name="cost">What a later step that reads the data several times then does.</param>
    public static IDataView Over(IHost host, IDataView view, string what, string cost)
    {
        if (DataViewUtils.AllCacheable(view.Schema)) return new CacheDataView(host, view, null);

        // ML.NET's cache would drop such a column (an image, say) from the chain's sight.
        var others = view.Schema.Where(c => !DataViewUtils.IsCacheable(c.Type)).Select(c => $"'{c.Name}'");
        using var channel = host.Start("Caching");
        channel.Warning("{0}", $"{what}, because ML.NET cannot cache {string.Join(", ", others)}: "
            + $"a later step that reads the data several times {cost}. Drop those columns before this step, if it trains slowly.");
        return view;
    }
}
