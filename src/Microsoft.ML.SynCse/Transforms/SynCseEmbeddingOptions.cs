namespace Microsoft.ML.SynCse;

/// <summary>The settings of <c>mlContext.Transforms.SynCseEmbedding(...)</c>.</summary>
public sealed class SynCseEmbeddingOptions
{
    /// <summary>The encoder to start from; training does not change it and it stays the caller's to dispose. Default: null, <see cref="SentenceEncoder.LoadDefault"/>.</summary>
    public SentenceEncoder? Encoder { get; init; }

    /// <summary>The settings of the training. Default: those of <see cref="ContrastiveTrainingOptions"/>.</summary>
    public ContrastiveTrainingOptions Training { get; init; } = new();
}
