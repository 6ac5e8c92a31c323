namespace Microsoft.ML.SynCse;

/// <summary>How an encoder is written as an ONNX file.</summary>
/// <remarks>An immutable record: set properties in an object initialiser, or change a copy with <c>with</c>. An instance may be used from
/// several threads at once.</remarks>
public sealed record OnnxExportOptions
{
    /// <summary>The number format of embeddings and matrix products. Default: <see cref="OnnxQuantization.None"/>, float32.</summary>
    public OnnxQuantization Quantization { get; init; } = OnnxQuantization.None;

    /// <summary>The name of the file in a folder that <c>SentenceEncoder.Save</c> writes, named as sentence-transformers names such files:
    /// <c>onnx/model.onnx</c>, <c>onnx/model_qint8_avx512_vnni.onnx</c> (for Arm the same file may be renamed to
    /// <c>model_qint8_arm64.onnx</c>), or <c>onnx/model_qint8_avx2.onnx</c> in reduced range.</summary>
    public string File => Quantization switch
    {
        OnnxQuantization.None => "onnx/model.onnx",
        OnnxQuantization.Int8 => "onnx/model_qint8_avx512_vnni.onnx",
        _ => "onnx/model_qint8_avx2.onnx",
    };

    // Protobuf messages end at 2 GB; some readers' at less.
    internal long LargestFile { get; init; } = 2_000_000_000;
}

/// <summary>The number format of an ONNX file's embeddings and matrix products.</summary>
/// <remarks>In int8 the weights are stored as int8, symmetric around 0, with one scale for each output; inputs of products become uint8
/// while the model runs, with a scale for each batch. Sums, layer norms, attention and the heads stay in float32.</remarks>
public enum OnnxQuantization
{
    /// <summary>float32.</summary>
    None,

    /// <summary>int8 with 8-bit weights, for processors with VNNI instructions (AVX512-VNNI, AVX-VNNI) and for Arm. Other processors cut
    /// off large sums, and the vectors are wrong.</summary>
    Int8,

    /// <summary>int8 with 7-bit weights, whose sums fit on every processor.</summary>
    Int8ReducedRange,
}
