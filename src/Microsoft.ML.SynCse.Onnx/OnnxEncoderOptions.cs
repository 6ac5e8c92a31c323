using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.SynCse;

/// <summary>The settings of <see cref="OnnxSentenceEncoder.Load(string, OnnxEncoderOptions?)"/>.</summary>
/// <remarks>
/// An immutable record: set properties in an object initialiser, or change a copy with <c>with</c>. The values are checked when an encoder
/// is loaded. An instance may be used from several threads at once.
/// </remarks>
public sealed record OnnxEncoderOptions
{
    /// <summary>The ONNX file, as a path inside the folder, such as <c>onnx/model_qint8_avx512_vnni.onnx</c>. Default: null,
    /// <c>onnx/model.onnx</c>, or <c>model.onnx</c> if the folder has no such file.</summary>
    public string? File { get; init; }

    /// <summary>The settings of ONNX Runtime, for example with an execution provider such as CUDA, DirectML or CoreML, whose package the
    /// application references. They stay the caller's and are only read while the encoder is loaded. Default: null, the CPU.</summary>
    /// <remarks>With settings of your own, ONNX Runtime's threads are what they say, and one batch is computed at a time unless
    /// <see cref="Threads"/> is set.</remarks>
    public SessionOptions? SessionOptions { get; init; }

    /// <summary>How many batches are computed at the same time, each on one core; at least 1. Default: null, the number of CPUs that the
    /// process may use.</summary>
    public int? Threads { get; init; }

    /// <summary>The number of tokens at which a sentence is cut, special tokens included. Default: null, as the folder says.</summary>
    public int? MaxSequenceLength { get; init; }

    /// <summary>The number of tokens, padding included, that one core computes at once; at least 1. A longer sentence is computed alone.
    /// Default: 512.</summary>
    /// <remarks>Larger batches do not fit into a core's cache: with all-MiniLM-L6-v2 on two cores, 1,536 tokens were a fifth
    /// slower.</remarks>
    public int MaxTokensPerBatch { get; init; } = 512;

    /// <summary>Receives one line for each call in which sentences were cut, and a warning if the processor computes the file's products
    /// wrongly (see <see cref="OnnxSentenceEncoder"/>). Default: null, none.</summary>
    public ILogger? Logger { get; init; }
}
