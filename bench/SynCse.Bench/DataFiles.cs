using System.Globalization;
using CsvHelper;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Files of triplets and scored pairs; the tests read theirs with it too.</summary>
internal static class DataFiles
{
    /// <summary>All triplets of a CSV file with a header, in order.</summary>
    public static TrainingExample[] Triplets(string path)
    {
        using var csv = new CsvReader(File.OpenText(path), CultureInfo.InvariantCulture);
        csv.Read();                                                                                     // the header
        var rows = new List<TrainingExample>();
        while (csv.Read()) rows.Add(new(csv.GetField(0)!, csv.GetField(1)!, csv.GetField(2)!));
        return [.. rows];
    }

    /// <summary>All pairs of a file of tab-separated scores and sentences.</summary>
    public static ScoredPair[] Pairs(string path)
        => [.. File.ReadLines(path).Select(line => line.Split('\t')).Select(f => new ScoredPair(f[1], f[2], double.Parse(f[0], CultureInfo.InvariantCulture)))];
}
