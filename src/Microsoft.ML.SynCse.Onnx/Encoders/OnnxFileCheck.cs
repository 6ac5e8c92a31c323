using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Onnx.Encoders;

/// <summary>Whether an ONNX file belongs to the tokenizer beside it, and whether this processor computes it rightly.</summary>
internal static class OnnxFileCheck
{
    /// <summary>Checks what a file of ours says of itself; files of others say nothing.</summary>
    /// <exception cref="InvalidDataException">It was exported with another tokenizer.</exception>
    public static void Require(OnnxModelFile graph, SentenceTokenizer tokenizer, string file, ILogger? logger)
    {
        if (graph.Metadata.TryGetValue(OnnxMetadata.Tokenizer, out string? probe) && probe != TokenizerProbe.Of(tokenizer))
            throw new InvalidDataException(
                $"{file} was exported with another tokenizer than the one beside it: the files are not of one model. Export it again.");
        if (graph.Metadata.GetValueOrDefault(OnnxMetadata.Quantization) == OnnxMetadata.Int8 && !Int8Support.IsExact)
            logger?.LogWarning(
                "{File} has 8-bit weights, and this processor has no VNNI instructions: it adds their products in 16 bits, where large "
                    + "sums are "
                + "cut off, so vectors may be wrong. Export it with OnnxQuantization.Int8ReducedRange.", file);
    }
}
