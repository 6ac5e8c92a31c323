namespace Microsoft.ML.SynCse.Tests;

/// <summary>A row of the tests' data views.</summary>
public sealed class SentenceRow
{
    public int Id { get; set; }

    public string Anchor { get; set; } = "";

    public string Positive { get; set; } = "";

    public string Negative { get; set; } = "";

    public bool Label { get; set; }

    /// <summary>Rows of known words; every other one is labelled.</summary>
    public static SentenceRow[] Many(int count, int seed = 1)
        => [.. TinyEncoder.Triplets(count, seed)
            .Select((t, i) => new SentenceRow { Id = i, Anchor = t.Anchor, Positive = t.Positives[0], Negative = t.Negatives[0],
            Label = i % 2 == 0 })];
}
