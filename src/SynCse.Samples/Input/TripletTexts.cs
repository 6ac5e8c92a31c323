namespace SynCse.Samples;

/// <summary>The texts of a row to train on; empty ones are left out, but for the anchor.</summary>
internal sealed record TripletTexts(string Anchor, IReadOnlyList<string> Positives, IReadOnlyList<string> Negatives)
{
    /// <summary>Takes what has text in it.</summary>
    public static TripletTexts Of(string anchor, IEnumerable<string> positives, IEnumerable<string> negatives)
        => new(anchor, [.. positives.Where(text => !string.IsNullOrWhiteSpace(text))],
            [.. negatives.Where(text => !string.IsNullOrWhiteSpace(text))]);

    /// <summary>The row as rows of one positive and one hard negative; each text stands in one of them at least.</summary>
    public IEnumerable<TripletTexts> Single()
        => Enumerable.Range(0, Math.Max(1, Math.Max(Positives.Count, Negatives.Count)))
            .Select(i => new TripletTexts(Anchor, Turn(Positives, i), Turn(Negatives, i)));

    private static string[] Turn(IReadOnlyList<string> texts, int i) => texts.Count == 0 ? [] : [texts[i % texts.Count]];
}
