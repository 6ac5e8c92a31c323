using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Runs of word characters and runs of others; the white space between them goes. In other words the matches of <c>\w+|[^\w\s]+</c>.</summary>
internal sealed record WhitespacePreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var (start, run) = (0, CharacterClass.WhiteSpace);
        for (var at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out var length);
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
