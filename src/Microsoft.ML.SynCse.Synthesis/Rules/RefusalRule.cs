namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down a model's refusal, in the languages of <c>phrases.json</c>.</summary>
/// <remarks>
/// People apologise and cannot do things too: "Sorry, but I can't log in" may rightly become "I'm sorry, but I can't get into my account". Such words are a refusal
/// only where they are about the task ("this request", "that sentence"), or have nothing to do with the anchor and are an apology or about helping, writing, answering.
/// </remarks>
internal sealed class RefusalRule : IReplyRule
{
    private static readonly PhraseSet Refusals = new(RulePhrases.Default.Refusals), Apologies = new(RulePhrases.Default.Apologies), Inabilities = new(RulePhrases.Default.Inabilities),
        Requests = new(RulePhrases.Default.RequestWords), Verbs = new(RulePhrases.Default.TaskVerbs), Negations = new(RulePhrases.Default.Negations);

    /// <inheritdoc/>
    public string Name => "refusal";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => Refusals.AreIn(candidate.Text, candidate.Anchor) || IsAboutTheTask(candidate.Text, candidate.Anchor) ? ReplyVerdict.Rejected("the model refused") : ReplyVerdict.Accepted;

    private static bool IsAboutTheTask(string text, string anchor)
    {
        int apology = Apologies.Begins(text), begun = apology > 0 ? apology : Inabilities.Begins(text);
        if (begun == 0) return false;
        if (Requests.AreIn(text, anchor)) return true;
        if (anchor.Length == 0 || SharedWords.Are(text.AsSpan(begun), anchor)) return false;
        // What nobody asked for cannot be done: "I can't discuss that." An apology alone may follow from an anchor that something does not work.
        return Verbs.AreIn(text) || (apology > 0 && !Negations.AreIn(anchor));
    }
}
