using Microsoft.ML.SynCse.Bench;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Scored sentence pairs of shared/data/sts.</summary>
internal static class Sts
{
    public static ScoredPair[] Read(string name)
        => DataFiles.Pairs(SharedFolder.Path($"data/sts/{name}.tsv"));
}
