namespace Microsoft.ML.SynCse;

/// <summary>What a <see cref="SynCseEmbeddingEstimator"/> is doing.</summary>
public enum SynCseStage
{
    /// <summary>The rows of the data view are read.</summary>
    Reading,

    /// <summary>The encoder is tuned.</summary>
    Training,

    /// <summary>A language model writes what the encoder will be tuned on; comes between the other two.</summary>
    Synthesis,
}
