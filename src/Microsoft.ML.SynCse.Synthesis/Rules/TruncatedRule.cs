namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down what the model had not finished: the end of the sentence, often the very word that makes it negative, is missing.</summary>
internal sealed class TruncatedRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "truncated";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate) => candidate.Truncated
        ? ReplyVerdict.Rejected("cut off at the token limit: raise MaxOutputTokens; a model that reasons needs room for that too")
        : ReplyVerdict.Accepted;
}
