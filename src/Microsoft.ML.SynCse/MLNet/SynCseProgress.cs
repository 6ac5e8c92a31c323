namespace Microsoft.ML.SynCse;

/// <summary>How far <see cref="SynCseEmbeddingEstimator.FitAsync"/> is: reported once when the rows are read, while a language model writes (where one does), then after every training step.</summary>
public sealed record SynCseProgress
{
    /// <summary>What is going on.</summary>
    public required SynCseStage Stage { get; init; }

    /// <summary>Rows read from the data view.</summary>
    public required long Rows { get; init; }

    /// <summary>How far the synthesis is; null in the other stages.</summary>
    public SynthesisProgress? Synthesis { get; init; }

    /// <summary>The training step just taken; null in the other stages.</summary>
    public TrainingProgress? Training { get; init; }
}
