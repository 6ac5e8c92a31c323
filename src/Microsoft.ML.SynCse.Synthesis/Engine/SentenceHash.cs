using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>What a sentence is found by in a journal.</summary>
internal static class SentenceHash
{
    /// <summary>SHA-256 of the sentence's UTF-8 bytes.</summary>
    public static byte[] Of(string sentence) => SHA256.HashData(Encoding.UTF8.GetBytes(sentence));
}
