using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Keeps nothing of an encoder's files but what tells it from another: a hash of their names and contents.</summary>
/// <remarks>The same on every system: git hands out a model's text files with CR LF on Windows, which changes nothing of the model, so
/// lines count as ended by LF.</remarks>
internal sealed class FingerprintSink : IModelFileSink
{
    private const int Digits = 16;
    private static readonly string[] TextFiles = [".json", ".txt"];

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>The hash, as hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _files.Select(f => $"{f.Key} {f.Value}")))))[..Digits].ToLowerInvariant();

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        using var hash = SHA256.Create();
        using (var bytes = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            if (TextFiles.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)))
            {
                using var lines = new LineFeedStream(bytes);
                write(lines);
            }
            else
            {
                write(bytes);
            }
        }
        _files[name] = Convert.ToHexString(hash.Hash!);
    }
}
