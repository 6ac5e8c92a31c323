using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Patterns;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts at what a pattern finds: Split.</summary>
/// <param name="Pattern">Finds the delimiters.</param>
/// <param name="Behavior">What becomes of them.</param>
/// <param name="Invert">Whether what lies between two finds is the delimiter instead.</param>
internal sealed record PatternSplitPreTokenizer(TextPattern Pattern, SplitBehavior Behavior, bool Invert) : IPreTokenizer
{
    public static IPreTokenizer Read(TokenizerNode part) =>
        new PatternSplitPreTokenizer(TextPattern.Read(part.Required("pattern")), SplitBehaviors.Read(part), part.Flag("invert", false));

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var cut = new DelimiterCut(piece, atStart, Behavior, sink);
        var taken = 0;
        foreach (var (start, end) in Pattern.Find(piece.ToString()))
        {
            if (start > taken && !cut.Add(start, Invert)) return false;
            if (!cut.Add(end, !Invert)) return false;
            taken = end;
        }
        return (taken == piece.Length || cut.Add(piece.Length, Invert)) && cut.Finish();
    }
}
