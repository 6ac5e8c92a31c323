using System.Buffers.Binary;
using System.Text.Unicode;
using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's precompiled_charsmap: a double-array trie over UTF-8 (darts-clone), whose values are places in a text of replacements, each ended by a NUL.
/// </summary>
internal sealed class CharacterMap
{
    // A unit: bits 0 to 7 and 31 the label, 8 whether a value hangs below, 9 and 10 to 30 the distance to the children. A value has bit 31 set.
    private const uint LabelBits = 0x8000_00FF, ValueBit = 0x8000_0000, LeafBit = 0x100;

    // In bytes; the longest of Unicode's own has 33. A text may grow by as much.
    private const int LongestReplacement = 64;

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(uint[] units, byte[] replacements) => (_units, _replacements) = (units, replacements);

    /// <summary>The trie's length in bytes (32 bits, low byte first), the trie, the replacements.</summary>
    public static CharacterMap Read(ReadOnlySpan<byte> bytes, Func<string, Exception> complaint)
    {
        if (bytes.Length < 8) throw complaint("is too short to be a map of characters");
        var trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (trieBytes < 4 || trieBytes % 4 != 0 || trieBytes > bytes.Length - 4) throw complaint($"names a trie of {trieBytes} bytes, but has {bytes.Length - 4}");
        var units = new uint[trieBytes / 4];
        for (var i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + i * 4)..]);
        var map = new CharacterMap(units, bytes[(4 + (int)trieBytes)..].ToArray());
        return map.IsSound() ? map : throw complaint($"is damaged: its trie points to what is not there, or to a replacement of more than {LongestReplacement} bytes");
    }

    /// <summary>What the shortest beginning of a text that has a replacement is replaced by.</summary>
    /// <remarks>The shortest, where SentencePiece takes the longest: Hugging Face's tokenizers have it so, and the ids must be theirs.</remarks>
    public bool TryReplace(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        var at = Distance(_units[0]);
        foreach (var value in text)
        {
            at ^= value;
            if (value == 0 || at >= _units.Length || (_units[at] & LabelBits) != value) break;
            var unit = _units[at];
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
            var leaf = i ^ Distance(_units[i]);
            if (leaf >= _units.Length || (_units[leaf] & ~ValueBit) >= _replacements.Length) return false;
            if (_replacements.AsSpan((int)(_units[leaf] & ~ValueBit)).IndexOf((byte)0) > LongestReplacement) return false;
            // Never in the middle of a character.
            if ((_replacements[_units[leaf] & ~ValueBit] & 0xC0) == 0x80) return false;
        }
        return true;
    }

    private static uint Distance(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
