namespace Microsoft.ML.SynCse;

/// <summary>Turns down a model's refusal, in the languages of <c>phrases.json</c>; a sentence of the user that begins in the same way, as complaints do, may be answered in the same way.</summary>
internal sealed class RefusalRule : IReplyRule
{
    private static readonly PhraseSet Phrases = new(RulePhrases.Default.Refusals);

    /// <inheritdoc/>
    public string Name => "refusal";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => Phrases.Begin(candidate.Text, candidate.Anchor) && !Apologises(candidate) ? ReplyVerdict.Rejected("the model refused") : ReplyVerdict.Accepted;

    // "Sorry, but I can't log in" may rightly become "I'm sorry, but I can't get into my account": the words about logging in are the anchor's.
    private static bool Apologises(ReplyCandidate candidate)
        => candidate.Anchor.Contains("can't", StringComparison.OrdinalIgnoreCase) || candidate.Anchor.Contains("can’t", StringComparison.OrdinalIgnoreCase)
            || candidate.Anchor.Contains("cannot", StringComparison.OrdinalIgnoreCase) || candidate.Anchor.Contains("unable", StringComparison.OrdinalIgnoreCase);
}
