using System.Globalization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Scored sentence pairs of shared/data/sts.</summary>
internal static class Sts
{
    public static ScoredPair[] Read(string name)
        => [.. File.ReadLines(SharedFolder.Path($"data/sts/{name}.tsv")).Select(line => line.Split('\t')).Select(f => new ScoredPair(f[1], f[2], double.Parse(f[0], CultureInfo.InvariantCulture)))];
}
