using System.Text;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>A top-level part of tokenizer.json as text, to be replaced without touching the rest of a file of many megabytes.</summary>
internal static class TokenizerJsonPart
{
    /// <summary>The part's text; null where there is none.</summary>
    public static string? Read(byte[] json, string name) =>
        Find(json, name) is var (start, length) ? Encoding.UTF8.GetString(json, start, length) : null;

    /// <summary>The file with another text for the part; null where it has no such part.</summary>
    public static byte[]? Replace(byte[] json, string name, string text) => Find(json, name) is var (start, length)
        ? [.. json.AsSpan(0, start), .. Encoding.UTF8.GetBytes(text), .. json.AsSpan(start + length)] : null;

    // Of two parts of one name the later counts, as everywhere.
    private static (int Start, int Length)? Find(byte[] json, string name)
    {
        var reader = new Utf8JsonReader(json);
        (int, int)? found = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt) found = (start, (int)reader.BytesConsumed - start);
        }
        return found;
    }
}
