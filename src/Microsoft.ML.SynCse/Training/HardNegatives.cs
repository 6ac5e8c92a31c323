namespace Microsoft.ML.SynCse.Training;

/// <summary>A row's hard negatives without those that are also its positives: the loss would pull and push the same text.</summary>
internal static class HardNegatives
{
    /// <summary>
    /// The row's hard negatives; in the place of one that is a positive (<see cref="SentenceKey"/>) another one of the row, since all rows
    /// of a run have as many (FlagEmbedding's trainer fills up so too). The same list where nothing is replaced; null where none is left.
    /// </summary>
    public static IReadOnlyList<string>? Of(TrainingExample row)
    {
        if (row.Negatives.Count == 0) return row.Negatives;
        string[] kept = Kept(row);
        if (kept.Length == row.Negatives.Count) return row.Negatives;
        return kept.Length == 0 ? null : [.. Enumerable.Range(0, row.Negatives.Count).Select(i => kept[i % kept.Length])];
    }

    /// <summary>How many hard negatives of a row are positives of it too.</summary>
    public static int Replaced(TrainingExample row) => row.Negatives.Count - Kept(row).Length;

    private static string[] Kept(TrainingExample row)
    {
        var positives = row.Positives.Select(SentenceKey.Of).ToHashSet(StringComparer.Ordinal);
        return [.. row.Negatives.Where(text => !positives.Contains(SentenceKey.Of(text)))];
    }
}
