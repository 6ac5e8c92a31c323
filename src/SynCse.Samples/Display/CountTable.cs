using System.Globalization;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A table of numbers with their names.</summary>
internal sealed class CountTable(string title)
{
    private readonly Table _table = new Table().RoundedBorder().AddColumn(Markup.Escape(title))
        .AddColumn(new TableColumn("").RightAligned());

    public void Add(string name, long count) => Row(name, count.ToString("N0", CultureInfo.InvariantCulture));

    public void Add(string name, decimal cost) => Row(name, cost.ToString("0.######", CultureInfo.InvariantCulture));

    /// <summary>A row for each count, the greatest first.</summary>
    public void AddAll(string prefix, IReadOnlyDictionary<string, long> counts)
    {
        foreach (var (name, count) in counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)) Add(
            prefix + name, count);
    }

    public void Write() => AnsiConsole.Write(_table);

    private void Row(string name, string value) => _table.AddRow(new Text(name), new Text(value));
}
