namespace Microsoft.ML.SynCse.Bench;

/// <summary>What the folder beside the project has, by name.</summary>
/// <param name="folder">The folder.</param>
internal sealed class SharedData(string folder)
{
    /// <summary>All human-written triplets, in order.</summary>
    public TrainingExample[] Triplets() => DataFiles.Triplets(Path.Combine(folder, "data", "triplets", "nli-triplets.csv"));

    /// <summary>The scored pairs of a set.</summary>
    public ScoredPair[] Pairs(string set) => DataFiles.Pairs(Path.Combine(folder, "data", "sts", set + ".tsv"));

    /// <summary>All distinct sentences of STS-B test and SICK-R test, in their order.</summary>
    public string[] DistinctSentences()
        => [.. new[] { "stsb-en-test", "sickr-test" }.SelectMany(Pairs).SelectMany(pair => new[] { pair.Left, pair.Right }).Distinct()];

    /// <summary>The folder of a model.</summary>
    public string Model(string name) => Path.Combine(folder, "models", name);
}
