namespace Microsoft.ML.SynCse;

/// <summary>What <c>mlContext.Model.ConvertToOnnx</c> is told about a chain that contains a step of this library.</summary>
internal static class OnnxRefusal
{
    /// <summary>The error of an embedding.</summary>
    public static NotSupportedException Embedding() => new(
        "ConvertToOnnx cannot convert a chain that contains a SynCse embedding: its tokenizer has no ONNX operator. "
        + "Export the encoder alone with SentenceEncoder.ExportOnnx (of SynCseEmbeddingTransformer.Encoder; a later version brings it), and convert the steps after it on a data view that holds the vectors.");

    /// <summary>The error of a synthesis.</summary>
    public static NotSupportedException Synthesis() => new(
        "ConvertToOnnx cannot convert a chain that contains SynthesizeTriplets: no ONNX operator asks a language model. "
        + "Convert the steps after it on a data view that holds the texts they read.");
}
