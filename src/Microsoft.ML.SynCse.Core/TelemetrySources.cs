using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.SynCse.Core;

/// <summary>The one activity source and the one meter of the library, whatever part of it tells something.</summary>
internal static class TelemetrySources
{
    /// <summary>Their name.</summary>
    public const string Name = "Microsoft.ML.SynCse";

    /// <summary>Where activities begin.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Where instruments are made.</summary>
    public static Meter Meter { get; } = new(Name);
}
