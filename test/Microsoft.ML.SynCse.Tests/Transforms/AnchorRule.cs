namespace Microsoft.ML.SynCse.Tests;

/// <summary>A rule of a user's own: whatever is written for sentences that hold a word is turned down.</summary>
internal sealed class AnchorRule(string word) : IReplyRule
{
    public string Name => "anchor";

    public ReplyVerdict Check(ReplyCandidate candidate)
        => candidate.Anchor.Contains(word, StringComparison.Ordinal) ? ReplyVerdict.Rejected("the anchor holds the word")
            : ReplyVerdict.Accepted;
}
