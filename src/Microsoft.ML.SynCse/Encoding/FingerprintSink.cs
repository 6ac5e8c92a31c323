using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>Keeps nothing of an encoder's files but what tells it from another: a hash of their names and contents.</summary>
internal sealed class FingerprintSink : IModelFileSink
{
    private const int Digits = 16;

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>The hash, as hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _files.Select(f => $"{f.Key} {f.Value}")))))[..Digits].ToLowerInvariant();

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write)) write(stream);
        _files[name] = Convert.ToHexString(hash.Hash!);
    }
}
