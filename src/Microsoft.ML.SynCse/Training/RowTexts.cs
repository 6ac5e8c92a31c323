namespace Microsoft.ML.SynCse.Training;

/// <summary>A row's texts as numbers: equal sentences (<see cref="SentenceKey"/>) have equal numbers.</summary>
/// <param name="Anchor">The anchor.</param>
/// <param name="Positives">The positives.</param>
/// <param name="All">Anchor, positives and negatives.</param>
internal sealed record RowTexts(int Anchor, int[] Positives, int[] All)
{
    /// <summary>Numbers the texts of all rows.</summary>
    public static RowTexts[] Of(IReadOnlyList<TrainingExample> rows)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int Number(string text)
        {
            var key = SentenceKey.Of(text);
            if (!numbers.TryGetValue(key, out int number)) numbers.Add(key, number = numbers.Count);
            return number;
        }

        return [.. rows.Select(row => new RowTexts(Number(row.Anchor), [.. row.Positives.Select(Number)], [.. TrainingSet.Texts(row).Select(Number)]))];
    }
}
