namespace Microsoft.ML.SynCse;

/// <summary>Turns down a question about the task in place of an answer.</summary>
internal sealed class QuestionBackRule : IReplyRule
{
    private static readonly PhraseSet Phrases = new(RulePhrases.Default.TaskQuestions), Task = new(RulePhrases.Default.SentenceWords);

    /// <inheritdoc/>
    public string Name => "question-back";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => Phrases.AreIn(candidate.Text, candidate.Anchor) && !IsAskedFor(candidate) ? ReplyVerdict.Rejected("a question about the task") : ReplyVerdict.Accepted;

    // "Can you give me the order number?" may become "Could you please provide the order number?": what is asked about is the anchor's.
    private static bool IsAskedFor(ReplyCandidate candidate)
        => candidate.Anchor.AsSpan().ContainsAny("?？") && !Task.AreIn(candidate.Text, candidate.Anchor);
}
