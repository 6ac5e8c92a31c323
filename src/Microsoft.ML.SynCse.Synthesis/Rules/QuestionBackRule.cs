namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down a question about the task in place of an answer.</summary>
internal sealed class QuestionBackRule : IReplyRule
{
    private static readonly PhraseSet Phrases = new(RulePhrases.Default.TaskQuestions);

    /// <inheritdoc/>
    public string Name => "question-back";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => Asks(candidate.Text, candidate.Anchor) ? ReplyVerdict.Rejected("a question about the task") : ReplyVerdict.Accepted;

    /// <summary>Whether the text asks something about the task that the anchor does not ask.</summary>
    public static bool Asks(string text, string anchor) => Phrases.AreIn(text, anchor);
}
