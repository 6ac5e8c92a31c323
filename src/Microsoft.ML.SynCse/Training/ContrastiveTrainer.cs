namespace Microsoft.ML.SynCse;

/// <summary>Fine-tunes a sentence encoder.</summary>
public static class ContrastiveTrainer
{
    /// <summary>Trains.</summary>
    public static TrainingResult Train(SentenceEncoder start, IReadOnlyList<TrainingExample> examples, ContrastiveTrainingOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
        => throw new NotImplementedException();
}
