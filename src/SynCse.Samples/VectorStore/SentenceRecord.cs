using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.VectorData;

namespace SynCse.Samples;

/// <summary>A sentence in a vector store; the store makes the vector.</summary>
internal sealed class SentenceRecord
{
    /// <summary>The same for the same text, so that adding a file twice adds nothing.</summary>
    [VectorStoreKey]
    public string Id { get; set; } = "";

    [VectorStoreData]
    public string Text { get; set; } = "";

    /// <summary>The file it came from.</summary>
    [VectorStoreData]
    public string Source { get; set; } = "";

    /// <summary>Filled where vectors are asked for.</summary>
    public ReadOnlyMemory<float>? Vector { get; set; }

    public static SentenceRecord Create(string text, string source)
        => new() { Id = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32], Text = text, Source = source };
}
