using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>
/// GPT-2's cutting: contractions, runs of letters, of digits and of other characters, each with the blank before it, and runs of white
/// space. The pieces are then spelled in <see cref="ByteLevelAlphabet"/>.
/// </summary>
/// <remarks>Written out in code, because .NET's regular expressions see surrogates where the original sees letters.</remarks>
/// <param name="AddPrefixSpace">Whether a blank is put before text that does not begin with one.</param>
/// <param name="Cut">Whether text is cut; false: it is only spelled.</param>
internal sealed record ByteLevelPreTokenizer(bool AddPrefixSpace, bool Cut) : IPreTokenizer
{
    private const CharacterClass Kinds = CharacterClass.Letter | CharacterClass.Number | CharacterClass.WhiteSpace;

    private static readonly string[] _contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    public static IPreTokenizer Read(TokenizerNode part)
        => new ByteLevelPreTokenizer(part.Flag("add_prefix_space", true), part.Flag("use_regex", true));

    public JsonObject ToJson()
        => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = AddPrefixSpace, ["trim_offsets"] = true, ["use_regex"] = Cut };

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        if (!AddPrefixSpace || piece[0] == ' ') return SplitPrefixed(piece, atStart, sink);
        using var prefixed = new PooledText(piece.Length + 1);
        prefixed.Append(' ');
        prefixed.Append(piece);
        return SplitPrefixed(prefixed.Span, atStart, sink);
    }

    /// <inheritdoc/>
    public AlignedText Spell(AlignedText text, bool atStart)
    {
        var result = new AlignedText.Builder(text);
        using var spelled = new PooledText(8);
        if (AddPrefixSpace && text.Text[0] != ' ') Replace(0, 0, new Rune(' '));
        int at = 0;
        foreach (var rune in text.Text.EnumerateRunes())
        {
            Replace(at, at + rune.Utf16SequenceLength, rune);
            at += rune.Utf16SequenceLength;
        }
        return result.Build();

        void Replace(int start, int end, Rune rune)
        {
            spelled.Clear();
            ByteLevelAlphabet.Append(rune, spelled);
            result.Replace(start, end, spelled.Span);
        }
    }

    private bool SplitPrefixed(ReadOnlySpan<char> text, bool atStart, IPieceSink sink)
    {
        using var spelled = new PooledText(64);
        while (text.Length > 0)
        {
            int length = Cut ? FirstPiece(text) : text.Length;
            spelled.Clear();
            foreach (var rune in text[..length].EnumerateRunes()) ByteLevelAlphabet.Append(rune, spelled);
            if (!sink.Add(spelled.Span, atStart)) return false;
            text = text[length..];
            atStart = false;
        }
        return true;
    }

    private static int FirstPiece(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'')
        {
            foreach (string contraction in _contractions)
                if (text.StartsWith(contraction)) return contraction.Length;
        }
        int blank = text[0] == ' ' && text.Length > 1 && !char.IsWhiteSpace(text[1]) ? 1 : 0;
        var kind = KindAt(text, blank, out _);
        int end = blank;
        while (end < text.Length && KindAt(text, end, out int length) == kind) end += length;
        // The last of several white-space characters belongs to what follows.
        return kind == CharacterClass.WhiteSpace && end < text.Length && end > 1 ? end - 1 : end;
    }

    private static CharacterClass KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return CharacterClasses.Of(rune) & Kinds;
    }
}

/// <summary>GPT-2's alphabet: a visible character for each byte, so that any text is a string over 256 characters.</summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] _characters = Characters();
    private static readonly Dictionary<char, byte> _bytes =
        _characters.Select((character, value) => (character, value)).ToDictionary(pair => pair.character, pair => (byte)pair.value);

    /// <summary>Appends the characters that stand for a character's UTF-8 bytes.</summary>
    public static void Append(Rune rune, PooledText text)
    {
        if (rune.IsAscii)
        {
            text.Append(_characters[rune.Value]);
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)]) text.Append(_characters[value]);
    }

    /// <summary>Finds the byte that a character stands for.</summary>
    public static bool TryRead(char character, out byte value) => _bytes.TryGetValue(character, out value);

    // The printable Latin-1 characters stand for themselves; U+0100 and the following stand for the other bytes, in their order.
    private static char[] Characters()
    {
        var (characters, next) = (new char[256], (char)256);
        for (int value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and not 0xAD) ? (char)value : next++;
        return characters;
    }
}
