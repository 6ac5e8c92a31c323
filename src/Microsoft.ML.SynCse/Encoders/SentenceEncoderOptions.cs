using Microsoft.Extensions.Logging;

namespace Microsoft.ML.SynCse;

/// <summary>The settings of <see cref="SentenceEncoder.Load(string, SentenceEncoderOptions?)"/>. A setting that is null is taken from the
/// folder.</summary>
/// <remarks>
/// An immutable record: set properties in an object initialiser, or change a copy with <c>with</c>. The values are checked when an encoder
/// is loaded. An instance may be used from several threads at once.
/// </remarks>
public sealed record SentenceEncoderOptions
{
    /// <summary>The number of tokens at which a sentence is cut, special tokens included; from 3 to the model's number of positions.
    /// Default: null, as the folder says.</summary>
    public int? MaxSequenceLength { get; init; }

    /// <summary>The pooling. Default: null, as the folder says, and <see cref="SynCse.Pooling.Mean"/> if it says nothing.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>Whether vectors are scaled to length 1. Default: null, as the folder says, and no if it has no modules.json.</summary>
    public bool? Normalize { get; init; }

    /// <summary>The number format of the matrix products. Embeddings, sums, layer norms, softmax and the vectors are in float32 in both
    /// formats. Default: <see cref="Precision.Float32"/>.</summary>
    /// <remarks>
    /// <see cref="Precision.BFloat16"/> needs a GPU, or a CPU with AVX512-BF16 or AMX; elsewhere loading throws. On a CPU it can be faster
    /// or slower than float32, so measure both: with AMX, and on AMD processors with AVX512-BF16, it is usually faster; on Intel processors
    /// without AMX it is usually slower. It needs half as much memory again for the weights, because saving and training use the float32
    /// weights.
    /// </remarks>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Whether the encoder computes in float32 if the machine does not support <see cref="Precision"/>;
    /// <see cref="SentenceEncoder.Precision"/> then says so. Default: false, which throws <see cref="NotSupportedException"/>.</summary>
    /// <remarks>A saved ML.NET model is loaded in the precision in which it was saved. For such a model,
    /// <c>AppContext.SetSwitch("Microsoft.ML.SynCse.AllowPrecisionFallback", true)</c> has the same effect.</remarks>
    public bool AllowPrecisionFallback { get; init; }

    /// <summary>The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default: null, the CPU.</summary>
    public string? Device { get; init; }

    /// <summary>The number of tokens, padding included, that are computed at once; at least 1. Default: 1,536.</summary>
    /// <remarks>
    /// A sentence with more tokens is computed alone. A larger number needs more memory, and on a CPU its data may no longer fit into the
    /// caches. On a CPU with enough sentences for all cores, every core computes a batch of its own, of at least 256 tokens, so more than
    /// six cores compute more than 1,536 tokens in all.
    /// </remarks>
    public int MaxTokensPerBatch { get; init; } = 1536;

    /// <summary>How many cores encoding uses on a CPU, each for a batch of its own; at least 1. Default: null, torch's number of threads,
    /// all of which also compute one batch together if there are few. That number is the number of CPUs that the process may use
    /// (<see cref="Environment.ProcessorCount"/>) unless <c>OMP_NUM_THREADS</c>, <c>MKL_NUM_THREADS</c> or
    /// <c>torch.set_num_threads</c> sets a smaller one.</summary>
    public int? Threads { get; init; }

    /// <summary>Receives one line for each call in which sentences were cut at <see cref="MaxSequenceLength"/>. Default: null,
    /// none.</summary>
    public ILogger? Logger { get; init; }
}
