namespace Microsoft.ML.SynCse;

/// <summary>What <c>mlContext.Model.ConvertToOnnx</c> is told about a chain that contains this step.</summary>
internal static class OnnxRefusal
{
    /// <summary>The one error.</summary>
    public static NotSupportedException Error() => new(
        "ConvertToOnnx cannot convert a chain that contains a SynCse embedding: its tokenizer has no ONNX operator. "
        + "Export the encoder alone with SentenceEncoder.ExportOnnx (of SynCseEmbeddingTransformer.Encoder; a later version brings it), and convert the steps after it on a data view that holds the vectors.");
}
