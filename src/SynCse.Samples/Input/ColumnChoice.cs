using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace SynCse.Samples;

/// <summary>Finds the columns of a file by name.</summary>
internal static class ColumnChoice
{
    /// <summary>
    /// The place of the first known name among the header's fields, or null; case and what separates words do not matter.
    /// </summary>
    public static int? Find(IReadOnlyList<string> header, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            for (int i = 0; i < header.Count; i++)
                if (TripletHeader.Key(header[i]) == TripletHeader.Key(name)) return i;
        }
        return null;
    }

    /// <summary>The place of a column that the user named.</summary>
    /// <exception cref="InvalidDataException">There is none, or there are two.</exception>
    public static int Require(DelimitedFile file, string name) => Require(file.FirstRow, file.FilePath, name);

    /// <inheritdoc cref="Require(DelimitedFile, string)"/>
    public static int Require(IReadOnlyList<string> header, string file, string name)
    {
        bool IsIt(int place) => string.Equals(header[place].Trim(), name.Trim(), StringComparison.OrdinalIgnoreCase);
        int[] places = [.. Enumerable.Range(0, header.Count).Where(IsIt)];
        return places.Length == 1 ? places[0]
            : throw new InvalidDataException($"'{file}' has {(places.Length == 0 ? "no column" : "several columns")} '{name}'. Its "
                + $"first row is: {Words(header)}.");
    }

    /// <summary>Names in quotes, for a message.</summary>
    public static string Words(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name.Trim()}'"));

    /// <summary>What is added to a message about the columns that were taken.</summary>
    public static string NotRead(IReadOnlyCollection<string> names) => names.Count == 0 ? "" : $"; not read: {Words(names)}";
}
