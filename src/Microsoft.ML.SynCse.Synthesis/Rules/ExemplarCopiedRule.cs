namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down the answer of an exemplar in the request: small models repeat what they were shown.</summary>
internal sealed class ExemplarCopiedRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "exemplar-copied";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        foreach (var exemplar in candidate.Exemplars)
            if (SameText.IsCopy(candidate.Text, exemplar)) return ReplyVerdict.Rejected("an exemplar's answer");
        return ReplyVerdict.Accepted;
    }
}
