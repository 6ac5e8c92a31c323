namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down what the provider's content filter touched: what came through is a remainder or a notice.</summary>
internal sealed class FilteredRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "filtered";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate) => candidate.Filtered ? ReplyVerdict.Rejected("withheld by the provider's content filter") : ReplyVerdict.Accepted;
}
