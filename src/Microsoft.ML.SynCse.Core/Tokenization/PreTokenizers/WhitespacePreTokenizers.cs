using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts at white space, which is removed.</summary>
internal sealed record WhitespaceSplitPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        int start = 0;
        // White space is never a surrogate pair.
        for (int at = 0; at < piece.Length; at++)
        {
            if (!char.IsWhiteSpace(piece[at])) continue;
            if (at > start && !sink.Add(piece[start..at], atStart && start == 0)) return false;
            start = at + 1;
        }
        return start == piece.Length || sink.Add(piece[start..], atStart && start == 0);
    }
}

/// <summary>Takes runs of word characters and runs of other characters, and removes white space: the matches of
/// <c>\w+|[^\w\s]+</c>.</summary>
internal sealed record WhitespacePreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var (start, run) = (0, CharacterClass.WhiteSpace);
        for (int at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out int length);
            var classes = CharacterClasses.Of(rune);
            var kind = (classes & CharacterClass.WhiteSpace) != 0 ? CharacterClass.WhiteSpace : classes & CharacterClass.Word;
            if (kind != run)
            {
                if (run != CharacterClass.WhiteSpace && !sink.Add(piece[start..at], atStart && start == 0)) return false;
                (start, run) = (at, kind);
            }
            at += length;
        }
        return run == CharacterClass.WhiteSpace || sink.Add(piece[start..], atStart && start == 0);
    }
}

/// <summary>Cuts at white space, which is removed, and around each punctuation character, which is a piece of its own.</summary>
internal sealed record BertPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        int start = 0;
        for (int at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out int length);
            var classes = CharacterClasses.Of(rune) & (CharacterClass.WhiteSpace | CharacterClass.Punctuation);
            if (classes != 0)
            {
                if (at > start && !sink.Add(piece[start..at], atStart && start == 0)) return false;
                if (classes == CharacterClass.Punctuation && !sink.Add(piece.Slice(at, length), atStart && at == 0)) return false;
                start = at + length;
            }
            at += length;
        }
        return start == piece.Length || sink.Add(piece[start..], atStart && start == 0);
    }
}
