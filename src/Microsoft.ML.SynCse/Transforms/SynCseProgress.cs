namespace Microsoft.ML.SynCse;

/// <summary>How far <see cref="SynCseEmbeddingEstimator.FitAsync"/> is: reported once when the rows are read, then after every training step.</summary>
public sealed record SynCseProgress
{
    /// <summary>What is going on.</summary>
    public required SynCseStage Stage { get; init; }

    /// <summary>Rows read from the data view.</summary>
    public required long Rows { get; init; }

    /// <summary>The training step just taken; null while rows are read.</summary>
    public TrainingProgress? Training { get; init; }
}
