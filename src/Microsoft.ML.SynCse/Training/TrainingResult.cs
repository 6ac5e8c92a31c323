namespace Microsoft.ML.SynCse;

/// <summary>What <see cref="ContrastiveTrainer.Train"/> returns. Disposing it disposes <see cref="Encoder"/>.</summary>
public sealed class TrainingResult : IDisposable
{
    internal TrainingResult(SentenceEncoder encoder, IReadOnlyList<TrainingProgress> steps, TrainingSummary summary)
    {
        (Encoder, Steps, Summary) = (encoder, steps, summary);
    }

    /// <summary>The tuned encoder; it belongs to this result.</summary>
    public SentenceEncoder Encoder { get; }

    /// <summary>Every step.</summary>
    public IReadOnlyList<TrainingProgress> Steps { get; }

    /// <summary>The run in figures, as it travels in a saved model.</summary>
    public TrainingSummary Summary { get; }

    /// <summary>Every evaluation, the one before the first step included.</summary>
    public IReadOnlyList<TrainingEvaluation> Evaluations => Summary.Evaluations;

    /// <summary>The step whose weights <see cref="Encoder"/> has; 0: the start encoder's.</summary>
    public int BestStep => Summary.BestStep;

    /// <summary>Sentences that were cut at <see cref="ContrastiveTrainingOptions.MaxSequenceLength"/>.</summary>
    public int TruncatedSentences => Summary.TruncatedSentences;

    /// <summary>Examples left out because a text of theirs was empty.</summary>
    public int SkippedExamples => Summary.SkippedExamples;

    /// <summary>Examples left out because every hard negative of theirs is also their positive.</summary>
    public int ContradictoryExamples => Summary.ContradictoryExamples;

    /// <summary>Hard negatives that are also their example's positive and gave their place to another one of the example.</summary>
    public int ReplacedNegatives => Summary.ReplacedNegatives;

    /// <inheritdoc/>
    public void Dispose() => Encoder.Dispose();
}
