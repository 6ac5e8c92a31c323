namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down what this anchor already has in the same role.</summary>
internal sealed class DuplicateRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "duplicate";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        foreach (var sibling in candidate.Siblings)
            if (SameText.Are(candidate.Text, sibling)) return ReplyVerdict.Rejected("equal to an earlier one of the same sentence");
        return ReplyVerdict.Accepted;
    }
}
