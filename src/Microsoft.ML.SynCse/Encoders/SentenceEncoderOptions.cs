using Microsoft.Extensions.Logging;

namespace Microsoft.ML.SynCse;

/// <summary>How <see cref="SentenceEncoder.Load(string, SentenceEncoderOptions?)"/> sets an encoder up. Null means: as the folder says.</summary>
public sealed record SentenceEncoderOptions
{
    /// <summary>Sentences are cut at this many tokens, special tokens included; at least 3 and at most the model's number of positions. Default: as the folder says.</summary>
    public int? MaxSequenceLength { get; init; }

    /// <summary>The pooling. Default: as the folder says; a folder without pooling information: <see cref="SynCse.Pooling.Mean"/>.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>Whether vectors are scaled to length 1. Default: as the folder says; a folder without modules: no.</summary>
    public bool? Normalize { get; init; }

    /// <summary>The number format of the matrix products; embeddings, sums, layer norms and softmax are in float32, and so are the vectors. Default: <see cref="Precision.Float32"/>.</summary>
    /// <remarks><see cref="Precision.BFloat16"/> needs a CPU with AVX512-BF16 or AMX, or a GPU, and is refused elsewhere. Having it is not enough: an AMD EPYC was three times as fast in it, an Intel Xeon whose AMX the virtual machine hides half as fast. It takes half as much memory again: saving and training need the float32 weights.</remarks>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Whether the encoder computes in float32 where the machine lacks the <see cref="Precision"/> asked for;
    /// <see cref="SentenceEncoder.Precision"/> then says so. Default: false, <see cref="NotSupportedException"/>.</summary>
    /// <remarks>A saved ML.NET model is loaded in the precision it was saved in; there
    /// <c>AppContext.SetSwitch("Microsoft.ML.SynCse.AllowPrecisionFallback", true)</c> asks for the same.</remarks>
    public bool AllowPrecisionFallback { get; init; }

    /// <summary>The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default: the CPU.</summary>
    public string? Device { get; init; }

    /// <summary>How many tokens, padding included, go through the network at once; at least 1. Default: 1,536.</summary>
    /// <remarks>
    /// A sentence longer than that goes alone. More costs memory and, on a CPU, its caches: 1,536 was fastest on two cores, by 3 % over 1,024 and 1 % over 2,048 (all-MiniLM-L6-v2). On a GPU more should pay; not measured.
    /// On a CPU with work for all cores each takes a batch of its share, at least 256, so that more than six cores hold more than 1,536 tokens in all.
    /// </remarks>
    public int MaxTokensPerBatch { get; init; } = 1536;

    /// <summary>Receives one line for each call whose sentences were cut at <see cref="MaxSequenceLength"/>. Default: null, none.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The same options in another precision.</summary>
    internal SentenceEncoderOptions In(Precision precision) => this with { Precision = precision };

    /// <summary>The same options with a logger.</summary>
    internal SentenceEncoderOptions With(ILogger logger) => this with { Logger = logger };
}
