using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts at each character of some kind: Punctuation and Digits.</summary>
/// <param name="Delimiters">The kind.</param>
/// <param name="Behavior">What becomes of them.</param>
internal sealed record CharacterSplitPreTokenizer(CharacterClass Delimiters, SplitBehavior Behavior) : IPreTokenizer
{
    /// <summary>Punctuation, each character by itself, where the file says nothing else.</summary>
    public static IPreTokenizer ReadPunctuation(TokenizerNode part) =>
        new CharacterSplitPreTokenizer(CharacterClass.Punctuation, SplitBehaviors.Read(part, SplitBehavior.Isolated));

    /// <summary>Numbers (N*), a run of them as one piece or each by itself.</summary>
    public static IPreTokenizer ReadDigits(TokenizerNode part) => new CharacterSplitPreTokenizer(
        CharacterClass.Numeric, part.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var cut = new DelimiterCut(piece, atStart, Behavior, sink);
        var (others, at) = (0, 0);
        while (at < piece.Length)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out var length);
            if (CharacterClasses.Is(rune, Delimiters))
            {
                if (at > others && !cut.Add(at, isDelimiter: false)) return false;
                if (!cut.Add(at + length, isDelimiter: true)) return false;
                others = at + length;
            }
            at += length;
        }
        return (at == others || cut.Add(at, isDelimiter: false)) && cut.Finish();
    }
}
