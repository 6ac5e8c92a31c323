using System.Globalization;
using CsvHelper;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>The triplets and scored pairs beside the project.</summary>
internal static class SharedData
{
    /// <summary>All human-written triplets, in order.</summary>
    public static Triplet[] Triplets(string shared)
    {
        using var csv = new CsvReader(File.OpenText(Path.Combine(shared, "data", "triplets", "nli-triplets.csv")), CultureInfo.InvariantCulture);
        csv.Read();                                                                                     // the header
        var rows = new List<Triplet>();
        while (csv.Read()) rows.Add(new(csv.GetField(0)!, csv.GetField(1)!, csv.GetField(2)!));
        return [.. rows];
    }

    /// <summary>The scored pairs of a set.</summary>
    public static ScoredPair[] Pairs(string shared, string set)
        => [.. File.ReadLines(Path.Combine(shared, "data", "sts", set + ".tsv")).Select(line => line.Split('\t')).Select(f => new ScoredPair(f[1], f[2], double.Parse(f[0], CultureInfo.InvariantCulture)))];
}
