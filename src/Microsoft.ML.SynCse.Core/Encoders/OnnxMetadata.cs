using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>What an ONNX file of ours says of itself in its metadata.</summary>
internal static class OnnxMetadata
{
    /// <summary>The <see cref="TokenizerProbe"/> of the encoder's tokenizer.</summary>
    public const string Tokenizer = "syncse.tokenizer";

    /// <summary>The number format of the products: None, <see cref="Int8"/> or Int8ReducedRange.</summary>
    public const string Quantization = "syncse.quantization";

    /// <summary>The products of 8-bit weights.</summary>
    public const string Int8 = "Int8";
}

/// <summary>Tells tokenizers apart by what they do: a hash of the ids of some texts.</summary>
/// <remarks>The files of one tokenizer differ between formats and libraries; its ids do not.</remarks>
internal static class TokenizerProbe
{
    private static readonly string[] _texts =
    [
        "", "a", "The quick brown fox jumps over 13 lazy dogs.", "UPPER and lower, naïve café; it's 3.14 % of 1,000!", "unbelievably",
        "Größe, Übermaß und Straße", "съешь ещё этих мягких булок", "東京都に住んでいます", "مرحبا بالعالم", "नमस्ते दुनिया", "🙂👍🏽",
            "  two  blanks\tand\nlines ",
        "http://example.org/path?query=1#part", "x = [i**2 for i in range(10)]", "order #48213-B",
    ];

    /// <summary>The hash, as hexadecimal digits.</summary>
    public static string Of(SentenceTokenizer tokenizer)
    {
        var text = new StringBuilder();
        foreach (string probe in _texts) text.AppendJoin(' ', tokenizer.Encode(probe, int.MaxValue, out _)).Append('\n');
        return Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString())))[..16].ToLowerInvariant();
    }
}

/// <summary>An encoder that can write itself as an ONNX model.</summary>
internal interface IOnnxExportable
{
    /// <summary>Writes every file that an encoder over ONNX Runtime needs: the graph as <c>onnx/model.onnx</c>, and the settings and the
    /// tokenizer beside it.</summary>
    void ExportOnnx(IModelFileSink sink);
}
