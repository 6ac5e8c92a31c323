namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>What <c>mlContext.Model.ConvertToOnnx</c> is told about a chain that contains a step of this library.</summary>
internal static class OnnxRefusal
{
    // The converter walks from the last view to one that is no transform: these are none.
    private const string Held = "one that is cached (mlContext.Data.Cache), or saved and loaded again "
        + "(mlContext.Data.SaveAsBinary, mlContext.Data.LoadFromBinary).";

    /// <summary>The error of an embedding.</summary>
    public static NotSupportedException Embedding() => new(
        "ConvertToOnnx cannot convert a chain that contains a SynCse embedding: its tokenizer has no ONNX operator. "
        + "Fit and convert the steps after it on a data view that holds the vectors: " + Held);

    /// <summary>The error of a synthesis.</summary>
    public static NotSupportedException Synthesis() => new(
        "ConvertToOnnx cannot convert a chain that contains SynthesizeTriplets: no ONNX operator asks a language model. "
        + "Fit and convert the steps after it on a data view that holds the texts: " + Held);
}
