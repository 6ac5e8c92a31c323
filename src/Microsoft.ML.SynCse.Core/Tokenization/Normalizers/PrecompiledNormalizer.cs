using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's replacement of characters as Hugging Face does it: what a reader sees as one character is replaced as a whole where it has fewer than six bytes
/// and a beginning of it is in the map, else each of its code points by itself.
/// </summary>
internal sealed class PrecompiledNormalizer : ITextNormalizer
{
    private const int BytesTakenWhole = 5;

    private readonly CharacterMap _map;
    private readonly string[] _ascii = new string[128];

    private PrecompiledNormalizer(CharacterMap map)
    {
        _map = map;
        for (var value = 0; value < _ascii.Length; value++)
            _ascii[value] = map.TryReplace([(byte)value], out var replacement) ? Encoding.UTF8.GetString(replacement) : ((char)value).ToString();
    }

    public static PrecompiledNormalizer Read(TokenizerNode part)
    {
        var node = part.Required("precompiled_charsmap");
        var text = node.Text();
        var bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64String(text, bytes, out var count)
            ? new(CharacterMap.Read(bytes.AsSpan(0, count), what => node.Wrong(what)))
            : throw node.Wrong("is not base64");
    }

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length + 16);
        for (var at = 0; at < text.Length;)
        {
            if (IsAsciiAlone(text, at))
            {
                result.Append(_ascii[text[at++]]);
                continue;
            }
            var seen = text.AsSpan(at, StringInfo.GetNextTextElementLength(text.AsSpan(at)));
            AppendReplaced(seen, result);
            at += seen.Length;
        }
        return result.Span.SequenceEqual(text) ? text : result.ToString();
    }

    // Two ASCII characters are never seen as one, but for the end of a line.
    private static bool IsAsciiAlone(string text, int at) =>
        char.IsAscii(text[at]) && (at + 1 == text.Length || (char.IsAscii(text[at + 1]) && !(text[at] == '\r' && text[at + 1] == '\n')));

    private void AppendReplaced(ReadOnlySpan<char> seen, PooledText result)
    {
        Span<byte> bytes = stackalloc byte[BytesTakenWhole * 3];
        if (seen.Length <= BytesTakenWhole && Encoding.UTF8.GetBytes(seen, bytes) is <= BytesTakenWhole and var count && _map.TryReplace(bytes[..count], out var whole))
        {
            AppendUtf8(whole, result);
            return;
        }
        foreach (var rune in seen.EnumerateRunes())
        {
            if (_map.TryReplace(bytes[..rune.EncodeToUtf8(bytes)], out var replacement)) AppendUtf8(replacement, result);
            else result.Append(rune);
        }
    }

    private static void AppendUtf8(ReadOnlySpan<byte> text, PooledText result)
    {
        while (text.Length > 0)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            result.Append(rune);
            text = text[length..];
        }
    }
}
