using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down text in another writing than its anchor's. Names in Latin letters inside are fine, and so are texts without them.</summary>
internal sealed class ScriptRule : IReplyRule
{
    // Fewer Latin letters than this say nothing: "OK" is in use everywhere.
    private const int FewLetters = 3;

    // So much of an anchor beside Latin names is enough to be its language: "Microsoft Teams 无法登录".
    private const double OwnShare = 0.4;

    // One Greek letter does not make a sentence Greek.
    private const double LeastShare = 0.1;

    // Han without kana is Chinese where it is as long as this; a shorter one may be Japanese.
    private const int LongHan = 6;

    /// <inheritdoc/>
    public string Name => "script";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (Ascii.IsValid(candidate.Text) && Ascii.IsValid(candidate.Anchor)) return ReplyVerdict.Accepted;
        var (anchor, text) = (ScriptCounts.Of(candidate.Anchor), ScriptCounts.Of(candidate.Text));
        return anchor.Letters == 0 || Fits(text, anchor) ? ReplyVerdict.Accepted : ReplyVerdict.Rejected("another script than the input's");
    }

    private static bool Fits(ScriptCounts text, ScriptCounts anchor)
    {
        int foreign = text.MostBesideLatin, own = anchor.MostBesideLatin;
        // Not one letter of the anchor's own script in Latin words.
        if (text.Share(foreign) <= 0.5)
            return anchor.Share(own) < OwnShare || text.Latin < FewLetters || text[own] > 0;
        if (anchor.Share(foreign) < LeastShare) return false;
        return !(text.Han >= LongHan && text.Kana == 0 && anchor.Kana > 0) && !(anchor.Han >= LongHan && anchor.Kana == 0 && text.Kana > 1);
    }
}
