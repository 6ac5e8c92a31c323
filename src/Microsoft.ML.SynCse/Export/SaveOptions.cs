namespace Microsoft.ML.SynCse;

/// <summary>What <see cref="SentenceEncoder.Save(string, SaveOptions)"/> writes beside the encoder.</summary>
/// <remarks>An immutable record: set properties in an object initialiser, or change a copy with <c>with</c>. An instance may be used from
/// several threads at once.</remarks>
public sealed record SaveOptions
{
    /// <summary>The model card of README.md; a part that is null is taken from <see cref="TextEncoder.Card"/>. Default: null,
    /// <see cref="TextEncoder.Card"/>.</summary>
    public ModelCard? Card { get; init; }

    /// <summary>Writes an ONNX file too, in the folder <c>onnx</c>, where sentence-transformers looks for it: <c>model.onnx</c>, and in
    /// int8 <c>model_qint8_avx512_vnni.onnx</c> or <c>model_qint8_avx2.onnx</c> (reduced range). Default: null, none.</summary>
    public OnnxExportOptions? Onnx { get; init; }
}
