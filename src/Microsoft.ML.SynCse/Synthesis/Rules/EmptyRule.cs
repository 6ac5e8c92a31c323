namespace Microsoft.ML.SynCse;

/// <summary>Turns down a reply without a word in it, unless the anchor has none either.</summary>
internal sealed class EmptyRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "empty";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (string.IsNullOrWhiteSpace(candidate.Text)) return ReplyVerdict.Rejected("no text");
        return HasWords(candidate.Text) || !HasWords(candidate.Anchor) ? ReplyVerdict.Accepted : ReplyVerdict.Rejected("no letter or digit");
    }

    private static bool HasWords(string text)
    {
        // Rather than char.IsLetter: letters beyond the BMP (rare Han, Adlam) are two chars.
        foreach (var rune in text.EnumerateRunes())
            if (System.Text.Rune.IsLetterOrDigit(rune)) return true;
        return false;
    }
}
