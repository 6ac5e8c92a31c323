using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The usable rows of a run, and their kind.</summary>
internal sealed class TrainingSet
{
    private readonly IReadOnlyList<int> _places;

    private TrainingSet(IReadOnlyList<TrainingExample> rows, IReadOnlyList<int> places, TrainingMode mode)
        => (Rows, _places, Mode) = (rows, places, mode);

    /// <summary>The rows without empty texts, at least two.</summary>
    public IReadOnlyList<TrainingExample> Rows { get; }

    /// <summary>The kind of the rows.</summary>
    public TrainingMode Mode { get; }

    /// <summary>The number of rows left out because a text of theirs was empty.</summary>
    public required int Skipped { get; init; }

    /// <summary>The number of rows left out because all their hard negatives are positives of theirs.</summary>
    public required int Contradictory { get; init; }

    /// <summary>The number of rows in which hard negatives that are positives of the row were replaced by others of the row.</summary>
    public required int Mended { get; init; }

    /// <summary>The number of hard negatives that were replaced.</summary>
    public required int Replaced { get; init; }

    /// <summary>The number of rows given.</summary>
    public int Given => Rows.Count + Skipped + Contradictory;

    /// <summary>Checks the rows and leaves out those with an empty text, or whose hard negatives are their positives.</summary>
    /// <exception cref="ArgumentException">Rows of different kinds, a bad weight, or fewer than two usable rows.</exception>
    public static TrainingSet Create(IReadOnlyList<TrainingExample> examples)
    {
        if (examples.Count == 0) throw new ArgumentException("There are no training examples.", nameof(examples));
        var (positives, negatives) = Counts(examples, 0);
        if (positives == 0 && negatives > 0)
            throw new ArgumentException(
                "TrainingExample has Negatives but no Positives; give a positive for every anchor.", nameof(examples));
        var rows = new List<TrainingExample>(examples.Count);
        var places = new List<int>(examples.Count);
        int contradictory = 0, mended = 0, replaced = 0;
        for (int i = 0; i < examples.Count; i++)
        {
            if (Counts(examples, i) is var counts && counts != (positives, negatives))
                throw new ArgumentException($"examples[{i}] has {counts.Positives} Positives and {counts.Negatives} Negatives, "
                    + $"the first example {positives} and {negatives}; all rows of a run must be of one kind.", nameof(examples));
            var example = examples[i];
            if (!float.IsFinite(example.Weight) || example.Weight < 0)
                throw new ArgumentException(
                    FormattableString.Invariant($"examples[{i}].Weight is {example.Weight}; it must be a number of at least 0."),
                    nameof(examples));
            if (!IsComplete(example)) continue;
            if (HardNegatives.Of(example) is not { } kept)
            {
                contradictory++;
                continue;
            }
            bool isMended = !ReferenceEquals(kept, example.Negatives);
            if (isMended)
            {
                mended++;
                replaced += HardNegatives.Replaced(example);
            }
            rows.Add(isMended ? example with { Negatives = kept } : example);
            places.Add(i);
        }
        if (rows.Count < 2)
        {
            throw new ArgumentException($"Training needs at least 2 examples with text in every part; of {examples.Count} given, "
                + $"{rows.Count} ha{(rows.Count == 1 ? "s" : "ve")} it"
                + (contradictory > 0 ? $", and {contradictory} ha{(contradictory == 1 ? "s" : "ve")} a hard negative that is the positive."
                    : "."), nameof(examples));
        }
        if (rows.All(row => row.Weight == 0))
            throw new ArgumentException("Every example has the Weight 0; there is nothing to learn.", nameof(examples));
        var mode = positives == 0 ? TrainingMode.Unsupervised : negatives == 0 ? TrainingMode.Pairs : TrainingMode.Triplets;
        return new(rows, places, mode)
        {
            Skipped = examples.Count - rows.Count - contradictory,
            Contradictory = contradictory,
            Mended = mended,
            Replaced = replaced,
        };
    }

    /// <summary>The index of a row among the examples that were given.</summary>
    public int PlaceOf(TrainingExample row) => _places[Enumerable.Range(0, Rows.Count).First(i => ReferenceEquals(Rows[i], row))];

    /// <summary>Whether a row takes part in training: every part has text, and not all hard negatives are positives.</summary>
    public static bool IsUsable(TrainingExample row) => IsComplete(row) && HardNegatives.Of(row) is not null;

    /// <summary>Whether every part of a row has text.</summary>
    public static bool IsComplete(TrainingExample row) => Texts(row).All(text => !string.IsNullOrWhiteSpace(text));

    /// <summary>All texts of a row: the anchor, the positives, the hard negatives.</summary>
    public static IEnumerable<string> Texts(TrainingExample row) => row.Positives.Concat(row.Negatives).Prepend(row.Anchor);

    private static (int Positives, int Negatives) Counts(IReadOnlyList<TrainingExample> examples, int index)
        => examples[index] is { Positives: { } positives, Negatives: { } negatives } ? (positives.Count, negatives.Count)
            : throw new ArgumentException($"examples[{index}], or its Positives or Negatives, is null.", nameof(examples));
}

/// <summary>The hard negatives of a row without those that are also its positives, which the loss would both pull and push.</summary>
internal static class HardNegatives
{
    /// <summary>
    /// The hard negatives of a row. One that is also a positive (by <see cref="SentenceKey"/>) is replaced by another one of the row,
    /// because all rows of a run have the same number (FlagEmbedding's trainer does the same).
    /// </summary>
    /// <returns>The row's own list if nothing is replaced; null if none is left.</returns>
    public static IReadOnlyList<string>? Of(TrainingExample row)
    {
        if (row.Negatives.Count == 0) return row.Negatives;
        string[] kept = Kept(row);
        if (kept.Length == row.Negatives.Count) return row.Negatives;
        return kept.Length == 0 ? null : [.. Enumerable.Range(0, row.Negatives.Count).Select(i => kept[i % kept.Length])];
    }

    /// <summary>The number of hard negatives of a row that are also positives of it.</summary>
    public static int Replaced(TrainingExample row) => row.Negatives.Count - Kept(row).Length;

    private static string[] Kept(TrainingExample row)
    {
        var positives = row.Positives.Select(SentenceKey.Of).ToHashSet(StringComparer.Ordinal);
        return [.. row.Negatives.Where(text => !positives.Contains(SentenceKey.Of(text)))];
    }
}

/// <summary>When two sentences are the same text: white space and letter case do not matter.</summary>
internal static class SentenceKey
{
    /// <summary>The text that is the same for equal sentences.</summary>
    public static string Of(string sentence)
        => string.Join(' ', sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}

/// <summary>The texts of a row as numbers: equal sentences (by <see cref="SentenceKey"/>) have equal numbers.</summary>
/// <param name="Anchor">The anchor.</param>
/// <param name="Positives">The positives.</param>
/// <param name="All">Anchor, positives and hard negatives.</param>
internal sealed record RowTexts(int Anchor, int[] Positives, int[] All)
{
    /// <summary>Numbers the texts of all rows.</summary>
    public static RowTexts[] Of(IReadOnlyList<TrainingExample> rows)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int Number(string text)
        {
            string key = SentenceKey.Of(text);
            if (!numbers.TryGetValue(key, out int number)) numbers.Add(key, number = numbers.Count);
            return number;
        }

        return [.. rows.Select(row => new RowTexts(
            Number(row.Anchor), [.. row.Positives.Select(Number)], [.. TrainingSet.Texts(row).Select(Number)]))];
    }
}

/// <summary>The token ids of every row, computed once for all epochs.</summary>
internal sealed class TokenizedRows
{
    private readonly int[][][] _rows;
    private readonly float[]? _weights;

    /// <summary>Tokenizes all texts at the training length.</summary>
    public TokenizedRows(
        SentenceTokenizer tokenizer, IReadOnlyList<TrainingExample> rows, int maxTokens, CancellationToken cancellationToken)
    {
        _rows = new int[rows.Count][][];
        _weights = rows.All(r => r.Weight == 1) ? null : [.. rows.Select(r => r.Weight)];
        int truncated = 0;
        ParallelRange.Run(rows.Count, i =>
        {
            _rows[i] = [.. TrainingSet.Texts(rows[i]).Select(text =>
            {
                int[] ids = tokenizer.Encode(text, maxTokens, out bool cut);
                if (cut) Interlocked.Increment(ref truncated);
                return ids;
            })];
        }, cancellationToken);
        TruncatedSentences = truncated;
        Positives = Math.Max(1, rows[0].Positives.Count);
    }

    /// <summary>The number of positives of each row in a stack; for an anchor alone its second pass is the positive.</summary>
    public int Positives { get; }

    /// <summary>The number of sentences that were cut.</summary>
    public int TruncatedSentences { get; }

    /// <summary>The sentences of a batch: all anchors, all first positives, ..., all first negatives, ...; anchors alone come
    /// twice.</summary>
    public IReadOnlyList<int[]> Stack(int[] batch)
    {
        int columns = _rows[batch[0]].Length;
        var columnsOfPass = columns == 1 ? [0, 0] : Enumerable.Range(0, columns);
        return [.. columnsOfPass.SelectMany(column => batch.Select(row => _rows[row][column]))];
    }

    /// <summary>The weights of the rows of a batch; null if every row of the run has weight 1.</summary>
    public float[]? Weights(int[] batch) => _weights is null ? null : Array.ConvertAll(batch, row => _weights[row]);
}
