namespace Microsoft.ML.SynCse;

/// <summary>The settings of <c>mlContext.Transforms.SynCseEmbedding(...)</c>.</summary>
public sealed class SynCseEmbeddingOptions
{
    /// <summary>The encoder to start from; training does not change it and it stays the caller's to dispose. Default: null, <see cref="SentenceEncoder.LoadDefault"/>.</summary>
    public SentenceEncoder? Encoder { get; init; }

    /// <summary>The settings of the training. Default: those of <see cref="ContrastiveTrainingOptions"/>.</summary>
    public ContrastiveTrainingOptions Training { get; init; } = new();

    /// <summary>The name of a column of numbers, a row's share in its batch's mean loss; at least 0. Default: null, every row counts the same. Not with a chat client.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The settings of the synthesis, where a chat client is given; read by nothing else. Default: those of <see cref="TripletSynthesisOptions"/>.</summary>
    /// <remarks>Give it a <see cref="TripletSynthesisOptions.JournalPath"/>: what was written is then kept when a fit fails or is made again (with other training options, for the folds of a
    /// cross-validation), and is paid for once; a temporary journal ends with the fit.</remarks>
    public TripletSynthesisOptions Synthesis { get; init; } = new();
}
