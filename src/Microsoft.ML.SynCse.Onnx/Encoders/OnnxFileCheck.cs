using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Onnx.Encoders;

/// <summary>Whether an ONNX file belongs to the tokenizer beside it, and whether a processor computes it rightly.</summary>
internal static class OnnxFileCheck
{
    /// <summary>Checks what a file of ours says of itself; files of others say nothing.</summary>
    /// <exception cref="InvalidDataException">It was exported with another tokenizer.</exception>
    public static void Require(OnnxModelFile graph, SentenceTokenizer tokenizer, string file)
    {
        if (graph.Metadata.TryGetValue(OnnxMetadata.Tokenizer, out string? probe) && probe != TokenizerProbe.Of(tokenizer))
            throw new InvalidDataException(
                $"{file} was exported with another tokenizer than the one beside it: the files are not of one model. Export it again.");
    }

    /// <summary>What to say of a file whose products a processor does not add exactly; null if it does.</summary>
    /// <param name="metadata">The file's metadata.</param>
    /// <param name="name">Its name: files of sentence-transformers tell by it alone.</param>
    /// <param name="isExact">Whether the processor adds products of uint8 and int8 exactly.</param>
    public static string? Warning(IReadOnlyDictionary<string, string> metadata, string name, bool isExact)
    {
        bool has8BitWeights = metadata.TryGetValue(OnnxMetadata.Quantization, out string? quantization)
            ? quantization == OnnxMetadata.Int8
            : name.Contains("qint8_avx512", StringComparison.Ordinal) || name.Contains("qint8_arm64", StringComparison.Ordinal);
        return isExact || !has8BitWeights ? null
            : $"{name} has 8-bit weights, and this processor has no VNNI instructions: it adds their products in 16 bits, where large "
                + $"sums are "
                + "cut off, so vectors may be wrong. Export the encoder with OnnxQuantization.Int8ReducedRange.";
    }
}
