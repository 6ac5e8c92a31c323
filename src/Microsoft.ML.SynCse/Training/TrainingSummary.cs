namespace Microsoft.ML.SynCse;

/// <summary>A training run in figures; saved in the model's zip.</summary>
public sealed record TrainingSummary
{
    /// <summary>What kind of rows the run was trained on.</summary>
    public required TrainingMode Mode { get; init; }

    /// <summary>Examples trained on, held-out ones not counted.</summary>
    public required int Examples { get; init; }

    /// <summary>Examples held out for evaluation.</summary>
    public required int HeldOutExamples { get; init; }

    /// <summary>Examples left out because a text of theirs was empty.</summary>
    public required int SkippedExamples { get; init; }

    /// <summary>
    /// Examples left out because every hard negative of theirs is also their positive; 0 in models of earlier versions. Case and white
    /// space do not matter.
    /// </summary>
    public int ContradictoryExamples { get; init; }

    /// <summary>
    /// Hard negatives that are also their example's positive and gave their place to another one of the example; 0 in models of earlier
    /// versions. Case and white space do not matter.
    /// </summary>
    public int ReplacedNegatives { get; init; }

    /// <summary>Sentences that were cut at the training length.</summary>
    public required int TruncatedSentences { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>The step whose weights were kept; 0: the start encoder's.</summary>
    public required int BestStep { get; init; }

    /// <summary>Whether the start encoder was returned because no step was better.</summary>
    public required bool KeptStart { get; init; }

    /// <summary>The loss of the first step.</summary>
    public required double FirstLoss { get; init; }

    /// <summary>The loss of the last step.</summary>
    public required double LastLoss { get; init; }

    /// <summary>Wall-clock time of the run, evaluations included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Every evaluation, the one before the first step included; empty where there was no evidence.</summary>
    public required IReadOnlyList<TrainingEvaluation> Evaluations { get; init; }

    /// <summary>The settings of the run by name, as text.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What a user should know about the run, one sentence each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
