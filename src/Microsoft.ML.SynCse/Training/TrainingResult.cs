using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>The result of <see cref="ContrastiveTrainer.Train"/>: the tuned encoder and the figures of the run.</summary>
/// <remarks>Disposing it disposes <see cref="Encoder"/>. Its members may be used from several threads at once.</remarks>
public sealed class TrainingResult : IDisposable
{
    internal TrainingResult(SentenceEncoder encoder, IReadOnlyList<TrainingProgress> steps, TrainingSummary summary)
    {
        (Encoder, Steps, Summary) = (encoder, steps, summary);
    }

    /// <summary>The tuned encoder; it belongs to this result.</summary>
    public SentenceEncoder Encoder { get; }

    /// <summary>Every step, those before a resumed checkpoint included.</summary>
    public IReadOnlyList<TrainingProgress> Steps { get; }

    /// <summary>The figures of the run, as a saved model holds them.</summary>
    public TrainingSummary Summary { get; }

    /// <summary>Disposes <see cref="Encoder"/>.</summary>
    public void Dispose() => Encoder.Dispose();
}

/// <summary>The figures of a training run; saved in the ML.NET model.</summary>
/// <remarks>Immutable; an instance may be used from several threads at once. Two summaries are equal if all their figures, settings and
/// warnings are.</remarks>
public sealed record TrainingSummary
{
    /// <summary>The kind of rows the run was trained on.</summary>
    public required TrainingMode Mode { get; init; }

    /// <summary>The number of examples trained on, without those held out.</summary>
    public required int Examples { get; init; }

    /// <summary>The number of examples held out for evaluation.</summary>
    public required int HeldOutExamples { get; init; }

    /// <summary>The number of examples left out because a text of theirs was empty.</summary>
    public required int SkippedExamples { get; init; }

    /// <summary>
    /// The number of examples left out because every hard negative of theirs is also their positive; 0 in models of earlier versions. Case
    /// and white space do not matter.
    /// </summary>
    public int ContradictoryExamples { get; init; }

    /// <summary>
    /// The number of hard negatives that are also a positive of their example and were replaced by another hard negative of it; 0 in models
    /// of earlier versions. Case and white space do not matter.
    /// </summary>
    public int ReplacedNegatives { get; init; }

    /// <summary>The number of sentences that were cut at <see cref="ContrastiveTrainingOptions.MaxSequenceLength"/>.</summary>
    public required int TruncatedSentences { get; init; }

    /// <summary>The number of optimizer steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>The step whose weights the encoder has; 0 for those of the start encoder.</summary>
    public required int BestStep { get; init; }

    /// <summary>Whether the start encoder was returned because no step was better.</summary>
    public required bool KeptStart { get; init; }

    /// <summary>The loss of the first step; NaN if no step was taken.</summary>
    public required double FirstLoss { get; init; }

    /// <summary>The loss of the last step; NaN if no step was taken.</summary>
    public required double LastLoss { get; init; }

    /// <summary>The wall-clock time of the run, evaluations included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Every evaluation, that before the first step included; empty if there was nothing to score on.</summary>
    public required IReadOnlyList<TrainingEvaluation> Evaluations
    {
        get;
        init => field = ValueList<TrainingEvaluation>.Of(value);
    }

    /// <summary>The settings of the run by name, as text.</summary>
    public required IReadOnlyDictionary<string, string> Settings
    {
        get;
        init => field = ValueDictionary.Of(value);
    }

    /// <summary>The warnings of the run, one sentence each.</summary>
    public required IReadOnlyList<string> Warnings
    {
        get;
        init => field = ValueList<string>.Of(value);
    }
}

/// <summary>One evaluation of a training run.</summary>
/// <remarks>Immutable; an instance may be used from several threads at once. Two evaluations are equal if all their figures are.</remarks>
/// <param name="Step">The number of optimizer steps taken before it; 0 for the start encoder.</param>
/// <param name="Score">The evaluator's score; higher is better.</param>
/// <param name="Metrics">All figures by name.</param>
public sealed record TrainingEvaluation(int Step, double Score, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>All figures by name.</summary>
    public IReadOnlyDictionary<string, double> Metrics
    {
        get;
        init => field = ValueDictionary.Of(value);
    } = ValueDictionary.Of(Metrics);
}

/// <summary>The kind of rows a run is trained on.</summary>
public enum TrainingMode
{
    /// <summary>Anchors alone: unsupervised SimCSE. Two dropout passes of the same sentence are the positive pair.</summary>
    Unsupervised,

    /// <summary>Anchor and positive; the positives of the other rows are the negatives.</summary>
    Pairs,

    /// <summary>Anchor, positive and hard negative.</summary>
    Triplets,
}
