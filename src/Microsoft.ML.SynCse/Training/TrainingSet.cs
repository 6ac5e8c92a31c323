namespace Microsoft.ML.SynCse.Training;

/// <summary>The usable rows of a run, and what kind of rows they are.</summary>
internal sealed class TrainingSet
{
    private readonly IReadOnlyList<int> _places;

    private TrainingSet(IReadOnlyList<TrainingExample> rows, IReadOnlyList<int> places, TrainingMode mode)
        => (Rows, _places, Mode) = (rows, places, mode);

    /// <summary>Rows without empty texts, at least two.</summary>
    public IReadOnlyList<TrainingExample> Rows { get; }

    /// <summary>What kind of rows they are.</summary>
    public TrainingMode Mode { get; }

    /// <summary>How many rows were left out because a text of theirs was empty.</summary>
    public required int Skipped { get; init; }

    /// <summary>How many rows were left out because all their hard negatives are positives of theirs.</summary>
    public required int Contradictory { get; init; }

    /// <summary>
    /// How many rows lost some of their hard negatives because they are positives of theirs, and have others in their places.
    /// </summary>
    public required int Mended { get; init; }

    /// <summary>How many hard negatives were replaced in them.</summary>
    public required int Replaced { get; init; }

    /// <summary>How many rows were given.</summary>
    public int Given => Rows.Count + Skipped + Contradictory;

    /// <summary>Checks the rows and leaves out those with an empty text, or whose hard negatives are their positives.</summary>
    /// <exception cref="ArgumentException">Rows of different kinds, a bad weight, or fewer than two usable rows.</exception>
    public static TrainingSet Create(IReadOnlyList<TrainingExample> examples)
    {
        if (examples.Count == 0) throw new ArgumentException("There are no training examples.", nameof(examples));
        var (positives, negatives) = Counts(examples, 0);
        if (positives == 0 && negatives > 0) throw new ArgumentException("TrainingExample has Negatives but no Positives; give a positive for every anchor.", nameof(examples));
        var rows = new List<TrainingExample>(examples.Count);
        var places = new List<int>(examples.Count);
        int contradictory = 0, mended = 0, replaced = 0;
        for (int i = 0; i < examples.Count; i++)
        {
            if (Counts(examples, i) is var counts && counts != (positives, negatives))
                throw new ArgumentException($"examples[{i}] has {counts.Positives} Positives and {counts.Negatives} Negatives, the first example {positives} and {negatives}; all rows of a run must be of one kind.", nameof(examples));
            var example = examples[i];
            if (!float.IsFinite(example.Weight) || example.Weight < 0)
                throw new ArgumentException(FormattableString.Invariant($"examples[{i}].Weight is {example.Weight}; it must be a number of at least 0."), nameof(examples));
            if (!IsComplete(example)) continue;
            if (HardNegatives.Of(example) is not { } kept)
            {
                contradictory++;
                continue;
            }
            if (!ReferenceEquals(kept, example.Negatives))
            {
                mended++;
                replaced += HardNegatives.Replaced(example);
            }
            rows.Add(ReferenceEquals(kept, example.Negatives) ? example : example with { Negatives = kept });
            places.Add(i);
        }
        if (rows.Count < 2)
        {
            throw new ArgumentException($"Training needs at least 2 examples with text in every part; of {examples.Count} given, "
                + $"{rows.Count} ha{(rows.Count == 1 ? "s" : "ve")} it"
                + (contradictory > 0 ? $", and {contradictory} ha{(contradictory == 1 ? "s" : "ve")} a hard negative that is the positive."
                    : "."), nameof(examples));
        }
        if (rows.All(row => row.Weight == 0)) throw new ArgumentException("Every example has the Weight 0; there is nothing to learn.", nameof(examples));
        return new(rows, places, positives == 0 ? TrainingMode.Unsupervised : negatives == 0 ? TrainingMode.Pairs : TrainingMode.Triplets)
        {
            Skipped = examples.Count - rows.Count - contradictory,
            Contradictory = contradictory,
            Mended = mended,
            Replaced = replaced,
        };
    }

    /// <summary>A row's place among the examples that were given.</summary>
    public int PlaceOf(TrainingExample row) => _places[Enumerable.Range(0, Rows.Count).First(i => ReferenceEquals(Rows[i], row))];

    private static (int Positives, int Negatives) Counts(IReadOnlyList<TrainingExample> examples, int index)
        => examples[index] is { Positives: { } positives, Negatives: { } negatives } ? (positives.Count, negatives.Count)
            : throw new ArgumentException($"examples[{index}], or its Positives or Negatives, is null.", nameof(examples));

    /// <summary>Whether a row takes part: every part has text, and not all hard negatives are positives.</summary>
    public static bool IsUsable(TrainingExample row) => IsComplete(row) && HardNegatives.Of(row) is not null;

    /// <summary>Whether every part of a row has text; one that is not complete is left out of training.</summary>
    public static bool IsComplete(TrainingExample row) => Texts(row).All(text => !string.IsNullOrWhiteSpace(text));

    /// <summary>All texts of a row.</summary>
    public static IEnumerable<string> Texts(TrainingExample row) => row.Positives.Concat(row.Negatives).Prepend(row.Anchor);
}
