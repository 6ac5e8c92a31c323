using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's replacement of characters, as Hugging Face does it. A grapheme cluster of fewer than six bytes is replaced as a whole if
/// the map has it or a beginning of it; else each of its code points is replaced by itself.
/// </summary>
internal sealed class PrecompiledNormalizer : ITextNormalizer
{
    private const int BytesTakenWhole = 5;

    private readonly CharacterMap _map;
    private readonly string[] _ascii = new string[128];

    private PrecompiledNormalizer(CharacterMap map)
    {
        _map = map;
        for (int value = 0; value < _ascii.Length; value++)
        {
            _ascii[value] = map.TryReplace([(byte)value], out var replacement)
                ? Encoding.UTF8.GetString(replacement) : ((char)value).ToString();
        }
    }

    public static PrecompiledNormalizer Read(TokenizerNode part)
    {
        var node = part.Required("precompiled_charsmap");
        string text = node.Text();
        byte[] bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64String(text, bytes, out int count)
            ? new(CharacterMap.Read(bytes.AsSpan(0, count), what => node.Wrong(what)))
            : throw node.Wrong("is not base64");
    }

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length + 16);
        for (int at = 0; at < text.Length;)
        {
            if (IsAsciiAlone(text, at))
            {
                result.Append(_ascii[text[at++]]);
                continue;
            }
            var cluster = text.AsSpan(at, StringInfo.GetNextTextElementLength(text.AsSpan(at)));
            AppendReplaced(cluster, result);
            at += cluster.Length;
        }
        return result.Span.SequenceEqual(text) ? text : result.ToString();
    }

    // Two ASCII characters are never one cluster, except \r\n.
    private static bool IsAsciiAlone(string text, int at)
        => char.IsAscii(text[at])
        && (at + 1 == text.Length || (char.IsAscii(text[at + 1]) && !(text[at] == '\r' && text[at + 1] == '\n')));

    private void AppendReplaced(ReadOnlySpan<char> cluster, PooledText result)
    {
        Span<byte> bytes = stackalloc byte[BytesTakenWhole * 3];
        if (cluster.Length <= BytesTakenWhole && Encoding.UTF8.GetBytes(cluster, bytes) is <= BytesTakenWhole and var count
            && _map.TryReplace(bytes[..count], out var whole))
        {
            AppendUtf8(whole, result);
            return;
        }
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (_map.TryReplace(bytes[..rune.EncodeToUtf8(bytes)], out var replacement)) AppendUtf8(replacement, result);
            else result.Append(rune);
        }
    }

    private static void AppendUtf8(ReadOnlySpan<byte> text, PooledText result)
    {
        while (text.Length > 0)
        {
            Rune.DecodeFromUtf8(text, out var rune, out int length);
            result.Append(rune);
            text = text[length..];
        }
    }
}

/// <summary>
/// SentencePiece's precompiled_charsmap: a double-array trie over UTF-8 (darts-clone). Its values are places in a text of replacements,
/// each of which ends with a NUL.
/// </summary>
internal sealed class CharacterMap
{
    // A unit: bits 0 to 7 and 31 are the label, bit 8 says whether it has a value, 9 to 30 are the distance to the children. A value has
    // bit 31.
    private const uint LabelBits = 0x8000_00FF, ValueBit = 0x8000_0000, LeafBit = 0x100;

    // In bytes. A text may grow by this factor; the longest replacement of Unicode's forms has 33.
    private const int LongestReplacement = 64;

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(uint[] units, byte[] replacements) => (_units, _replacements) = (units, replacements);

    /// <summary>Reads the trie's length in bytes (32 bits, low byte first), the trie, and the replacements.</summary>
    public static CharacterMap Read(ReadOnlySpan<byte> bytes, Func<string, Exception> complaint)
    {
        if (bytes.Length < 8) throw complaint("is too short to be a map of characters");
        uint trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (trieBytes < 4 || trieBytes % 4 != 0 || trieBytes > bytes.Length - 4)
            throw complaint($"names a trie of {trieBytes} bytes, but has {bytes.Length - 4}");
        uint[] units = new uint[trieBytes / 4];
        for (int i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + i * 4)..]);
        var map = new CharacterMap(units, bytes[(4 + (int)trieBytes)..].ToArray());
        return map.IsSound() ? map : throw complaint(
            $"is damaged: its trie points to what is not there, or to a replacement of more than {LongestReplacement} bytes");
    }

    /// <summary>Finds the replacement of the shortest beginning of a text that has one.</summary>
    /// <remarks>SentencePiece takes the longest beginning; Hugging Face's tokenizers take the shortest, and the ids must be
    /// theirs.</remarks>
    public bool TryReplace(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        uint at = Distance(_units[0]);
        foreach (byte value in text)
        {
            at ^= value;
            if (value == 0 || at >= _units.Length || (_units[at] & LabelBits) != value) break;
            uint unit = _units[at];
            at ^= Distance(unit);
            if ((unit & LeafBit) == 0) continue;
            replacement = _replacements.AsSpan((int)(_units[at] & ~ValueBit));
            replacement = replacement[..replacement.IndexOf((byte)0)];
            return true;
        }
        replacement = default;
        return false;
    }

    private bool IsSound()
    {
        if (_replacements is not [.., 0] || !Utf8.IsValid(_replacements)) return false;
        for (uint i = 0; i < _units.Length; i++)
        {
            if ((_units[i] & ValueBit) != 0 || (_units[i] & LeafBit) == 0) continue;
            uint leaf = i ^ Distance(_units[i]);
            if (leaf >= _units.Length || (_units[leaf] & ~ValueBit) >= _replacements.Length) return false;
            if (_replacements.AsSpan((int)(_units[leaf] & ~ValueBit)).IndexOf((byte)0) > LongestReplacement) return false;
            // Never in the middle of a character.
            if ((_replacements[_units[leaf] & ~ValueBit] & 0xC0) == 0x80) return false;
        }
        return true;
    }

    private static uint Distance(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
