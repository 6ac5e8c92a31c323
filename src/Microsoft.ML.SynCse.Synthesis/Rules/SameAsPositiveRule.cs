namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down a negative that says what a positive says, but for punctuation, case, white space or an article.</summary>
/// <remarks>No measure of edits here: one word more ("not") or another number is what makes a hard negative hard.</remarks>
internal sealed class SameAsPositiveRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "same-as-positive";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (candidate.Role == SynthesisRole.Negative)
            foreach (var positive in candidate.Positives)
                if (SameText.Are(candidate.Text, positive, ignoreArticles: true)) return ReplyVerdict.Rejected("equal to a positive");
        return ReplyVerdict.Accepted;
    }
}
