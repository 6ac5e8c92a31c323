namespace Microsoft.ML.SynCse;

/// <summary>The settings of <c>mlContext.Transforms.SynCseEmbedding(...)</c>.</summary>
/// <remarks>
/// An immutable record: set properties in an object initialiser, or change a copy with <c>with</c>. An instance may be used from several
/// threads at once.
/// </remarks>
public sealed record SynCseEmbeddingOptions
{
    /// <summary>The encoder to start from. Training does not change it, and the caller disposes it. Default: null,
    /// <see cref="SentenceEncoder.LoadDefault"/>.</summary>
    public SentenceEncoder? Encoder { get; init; }

    /// <summary>The settings of the training. Default: a new <see cref="ContrastiveTrainingOptions"/>.</summary>
    public ContrastiveTrainingOptions Training { get; init; } = new();

    /// <summary>The name of a column of numbers with the weight of each row in the mean loss of its batch; at least 0. Not with a chat
    /// client. Default: null, all rows have the same weight.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The settings of the synthesis. Only with a chat client; without one they are refused. Default: null, a new
    /// <see cref="TripletSynthesisOptions"/>.</summary>
    /// <remarks>
    /// Set <see cref="TripletSynthesisOptions.JournalPath"/>: the texts are then kept if a fit fails or is made again (with other training
    /// options, for the folds of a cross-validation), and are paid for only once. Without it a temporary journal is used, which is deleted
    /// after the fit.
    /// </remarks>
    public TripletSynthesisOptions? Synthesis { get; init; }
}
