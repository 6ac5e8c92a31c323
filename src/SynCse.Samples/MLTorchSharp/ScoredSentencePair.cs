namespace SynCse.Samples;

/// <summary>A row for a trainer that regresses the likeness of two sentences.</summary>
internal sealed class ScoredSentencePair
{
    private const float Alike = 5, Unlike = 1;                           // the hard negative shares its subject with the anchor, hence not 0

    public float Label { get; set; }

    public string Sentence1 { get; set; } = "";

    public string Sentence2 { get; set; } = "";

    /// <summary>Two pairs for each triplet: the anchor with its positive, and with its hard negative.</summary>
    public static IEnumerable<ScoredSentencePair> FromTriplets(IEnumerable<TripletRow> rows) => rows.SelectMany(row => new[]
    {
        new ScoredSentencePair { Label = Alike, Sentence1 = row.Anchor, Sentence2 = row.Positive },
        new ScoredSentencePair { Label = Unlike, Sentence1 = row.Anchor, Sentence2 = row.Negative },
    });
}
