using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts at white space, which goes, and around each punctuation character, which is a piece of its own.</summary>
internal sealed record BertPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var start = 0;
        for (var at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out var length);
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
