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
    // Plain words, which every tokenizer of ours has always cut alike: a file must stay good when another corner of a tokenizer is mended.
    private static readonly string[] _texts = ["the quick brown fox", "a parcel of two books", "we want this now", "unbelievably good"];

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
