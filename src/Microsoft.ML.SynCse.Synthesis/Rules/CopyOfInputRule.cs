namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down the anchor given back: as a positive it teaches nothing, as a negative the opposite of the truth.</summary>
internal sealed class CopyOfInputRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "copy-of-input";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        // A negative that differs by an article alone still means the same; a positive may.
        bool copy = SameText.IsCopy(candidate.Text, candidate.Anchor, ignoreArticles: candidate.Role == SynthesisRole.Negative);
        return copy ? ReplyVerdict.Rejected("the input given back") : ReplyVerdict.Accepted;
    }
}
