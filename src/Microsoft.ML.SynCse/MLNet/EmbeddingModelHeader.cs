using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>What a saved transformer keeps beside the encoder's files.</summary>
internal sealed record EmbeddingModelHeader
{
    public required string InputColumn { get; init; }

    public required string OutputColumn { get; init; }

    public TrainingSummary? Training { get; init; }

    /// <summary>The synthesis that wrote the training's examples; null where there was none, or the file is older than format 1.2.</summary>
    public SynthesisReport? Synthesis { get; init; }

    /// <summary><see cref="SentenceEncoderOptions.MaxTokensPerBatch"/>: with other batches the last digits of a vector differ.</summary>
    public required int MaxTokensPerBatch { get; init; }

    /// <summary><see cref="SentenceEncoderOptions.Precision"/>: vectors of another differ from the third digit on. Float32 where the file
    /// is older than format 1.4.</summary>
    public Precision Precision { get; init; }

    /// <summary>Every file of the encoder; one that is not listed does not exist.</summary>
    public required IReadOnlyList<EmbeddingModelFile> Files { get; init; }
}
