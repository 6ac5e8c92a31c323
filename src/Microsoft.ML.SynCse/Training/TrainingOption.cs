using System.Globalization;
using O = Microsoft.ML.SynCse.ContrastiveTrainingOptions;

namespace Microsoft.ML.SynCse.Training;

/// <summary>One option of <see cref="ContrastiveTrainingOptions"/>: its range, and where its value is used outside of the training
/// itself.</summary>
/// <remarks>
/// The table <see cref="All"/> is the only place that knows this of an option. It drives the validation, the identity of a checkpoint, the
/// settings of a saved model and the recipe on its card; defaults are read from a new <see cref="ContrastiveTrainingOptions"/>. A new
/// option is one property and one line here.
/// </remarks>
internal sealed record TrainingOption
{
    // The property's initializer is the one place that holds a default.
    private static readonly O _defaults = new();

    private readonly Func<O, object?> _value;
    private readonly (Func<O, bool> Holds, string Range)[] _rules;

    private TrainingOption(
        string name, Func<O, object?> value,
        params (Func<O, bool> Holds, string Range)[] rules)
        => (Name, _value, _rules) = (name, value, rules);

    /// <summary>Every option, in the order in which they are checked.</summary>
    public static IReadOnlyList<TrainingOption> All { get; } =
    [
        new(nameof(O.Epochs), o => o.Epochs, (o => o.Epochs >= 1, "at least 1")),
        new(nameof(O.BatchSize), o => o.BatchSize, (o => o.BatchSize >= 2, "at least 2: a row's negatives are the other rows")),
        new(nameof(O.LearningRate), o => o.LearningRate, (o => o.LearningRate is > 0 and <= 1, "over 0 and at most 1")),
        new(nameof(O.WarmupSteps), o => o.WarmupSteps, (o => o.WarmupSteps >= 0, "at least 0")),
        new(nameof(O.WeightDecay), o => o.WeightDecay,
            (o => o.WeightDecay >= 0 && double.IsFinite(o.WeightDecay), "a finite number of at least 0"),
            (o => o.LearningRate * o.WeightDecay < 1, "under 1 / LearningRate: more would turn the sign of every weight")),
        new(nameof(O.MaxGradientNorm), o => o.MaxGradientNorm, (o => o.MaxGradientNorm > 0, "over 0 (infinity for no clipping)")),
        new(nameof(O.Temperature), o => o.Temperature,
            (o => o.Temperature > 0 && double.IsFinite(o.Temperature), "a finite number over 0")),
        new(nameof(O.HardNegativeWeight), o => o.HardNegativeWeight,
            (o => o.HardNegativeWeight is >= -100 and <= 100, "from -100 to 100: it counts e^weight times")),
        new(nameof(O.MlmWeight), o => o.MlmWeight,
            (o => o.MlmWeight >= 0 && double.IsFinite(o.MlmWeight), "a finite number of at least 0")),
        new(nameof(O.Dropout), o => o.Dropout, (o => o.Dropout is null or (>= 0 and < 1), "null or at least 0 and under 1")),
        new(nameof(O.MaxSequenceLength), o => o.MaxSequenceLength, (o => o.MaxSequenceLength >= 3, "at least 3")),
        new(nameof(O.Pooling), o => o.Pooling, (o => o.Pooling is not { } pooling || Enum.IsDefined(pooling), "null or a known pooling")),
        new(nameof(O.ProjectionHead), o => o.ProjectionHead, (o => Enum.IsDefined(o.ProjectionHead), "a known head")),
        new(nameof(O.ValidationFraction), o => o.ValidationFraction, (o => o.ValidationFraction is >= 0 and < 1, "at least 0 and under 1")),
        new(nameof(O.EvaluateEvery), o => o.EvaluateEvery, (o => o.EvaluateEvery >= 0, "at least 0")),
        new(nameof(O.CheckpointEvery), o => o.CheckpointEvery,
            (o => o.CheckpointEvery >= 0, "at least 0"),
            (o => o.CheckpointEvery == 0 || o.CheckpointFolder is not null, "0 without a CheckpointFolder"))
            { ChangesWeights = false, IsOnCard = false },
        new(nameof(O.CheckpointFolder), o => o.CheckpointFolder,
            (o => o.CheckpointFolder is null || o.CheckpointFolder.Trim().Length > 0, "null or the name of a folder"))
            { ChangesWeights = false, IsSaved = false },
        new(nameof(O.LogFile), o => o.LogFile, (o => o.LogFile is null || o.LogFile.Trim().Length > 0, "null or the name of a file"))
            { ChangesWeights = false, IsSaved = false },
        new(nameof(O.CheckpointsToKeep), o => o.CheckpointsToKeep, (o => o.CheckpointsToKeep >= 1, "at least 1"))
            { ChangesWeights = false, IsOnCard = false },
        new(nameof(O.EarlyStoppingPatience), o => o.EarlyStoppingPatience, (o => o.EarlyStoppingPatience >= 0, "at least 0"))
            { ChangesWeights = false },
        new(nameof(O.GradientCacheChunk), o => o.GradientCacheChunk, (o => o.GradientCacheChunk is null or >= 1, "null or at least 1"))
            { ChangesWeights = false },
        new(nameof(O.ReleaseMemoryEvery), o => o.ReleaseMemoryEvery, (o => o.ReleaseMemoryEvery >= 0, "at least 0 (0 never)"))
            { ChangesWeights = false },
        new(nameof(O.FalseNegativeThreshold), o => o.FalseNegativeThreshold,
            (o => o.FalseNegativeThreshold is null or (>= -1 and <= 1), "null or from -1 to 1")),
        new(nameof(O.Precision), o => o.Precision, (o => Enum.IsDefined(o.Precision), "a known precision")),
        new(nameof(O.Shuffle), o => o.Shuffle),
        new(nameof(O.Seed), o => o.Seed),
        new(nameof(O.DropLastBatch), o => o.DropLastBatch),
        new(nameof(O.AvoidDuplicatesInBatch), o => o.AvoidDuplicatesInBatch),
        new(nameof(O.Evaluator), o => o.Evaluator),
        new(nameof(O.KeepStartIfWorse), o => o.KeepStartIfWorse) { ChangesWeights = false },
        new(nameof(O.Resume), o => o.Resume) { ChangesWeights = false, IsOnCard = false },
        new(nameof(O.Device), o => o.Device) { IsOnCard = false },
        new(nameof(O.Logger), o => o.Logger) { ChangesWeights = false, IsSaved = false },
    ];

    /// <summary>The name of the property.</summary>
    public string Name { get; }

    /// <summary>The default as text; a checkpoint that is older than the option was begun with it.</summary>
    public string Default => Text(_defaults);

    /// <summary>Whether the value is part of the run's description, which a saved model and a checkpoint hold. Paths and loggers are
    /// not.</summary>
    public bool IsSaved { get; private init; } = true;

    /// <summary>Whether another value makes other weights, so that a run with another value must not resume from a checkpoint. The other
    /// options decide when a run ends, what it keeps and how much memory it needs.</summary>
    public bool ChangesWeights { get; private init; } = true;

    /// <summary>Whether the value is part of the recipe on the model card. Options of the machine and of the checkpoints are not.</summary>
    public bool IsOnCard { get; private init; } = true;

    /// <summary>The option of a name; null if there is none, as for an option of another version.</summary>
    public static TrainingOption? Find(string name) => All.FirstOrDefault(option => option.Name == name);

    /// <summary>Throws if the option is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is; names option and range.</exception>
    public void Check(O options)
    {
        foreach (var (holds, range) in _rules)
            if (!holds(options))
                throw new ArgumentOutOfRangeException(
                    Name, _value(options), $"{nameof(ContrastiveTrainingOptions)}.{Name} must be {range}.");
    }

    /// <summary>The value as text, in the invariant culture; an evaluator as its type and its fingerprint.</summary>
    public string Text(O options) => _value(options) switch
    {
        IEncoderEvaluator { Fingerprint: { } fingerprint } evaluator => $"{evaluator.GetType().Name} ({fingerprint})",
        IEncoderEvaluator evaluator => evaluator.GetType().Name,
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

/// <summary>What <see cref="TrainingOption.All"/> says of a whole <see cref="ContrastiveTrainingOptions"/>.</summary>
internal static class TrainingOptionsValidator
{
    /// <summary>Throws for the first option that is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names option and range.</exception>
    public static void Validate(this O options)
    {
        foreach (var option in TrainingOption.All) option.Check(options);
    }

    /// <summary>The options by name, as a saved model holds them.</summary>
    public static IReadOnlyDictionary<string, string> Describe(this O options)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in TrainingOption.All.Where(option => option.IsSaved)) settings[option.Name] = option.Text(options);
        return settings;
    }
}
