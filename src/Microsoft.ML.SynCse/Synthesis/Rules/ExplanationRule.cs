namespace Microsoft.ML.SynCse;

/// <summary>Turns down words about the answer: a preamble before it, an explanation after it, or one in its place.</summary>
internal sealed class ExplanationRule : IReplyRule
{
    private static readonly PhraseSet Preambles = new(RulePhrases.Default.Preambles), Explanations = new(RulePhrases.Default.Explanations);

    // Words that also begin sentences of their own ("Here is my invoice") are a preamble only with what they announce after a colon.
    private static readonly PhraseSet Announcing = new(RulePhrases.Default.Labels);

    /// <inheritdoc/>
    public string Name => "explanation";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (Explanations.AreIn(candidate.Text, candidate.Anchor)) return ReplyVerdict.Rejected("words about the answer");
        return Preambles.Begin(candidate.Text, candidate.Anchor) && Announces(candidate) ? ReplyVerdict.Rejected("a preamble") : ReplyVerdict.Accepted;
    }

    private static bool Announces(ReplyCandidate candidate)
    {
        var text = candidate.Text.AsSpan();
        int colon = text.IndexOfAny(":：");
        bool opens = colon > 0 && colon < 80 && !candidate.Anchor.AsSpan().ContainsAny(":：");
        return opens || Announcing.AreIn(candidate.Text[..Math.Min(80, candidate.Text.Length)], candidate.Anchor) || EndsAtOnce(text);
    }

    // "Sure! The parcel is late.": the first word is a sentence of its own.
    private static bool EndsAtOnce(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny("!！");
        return end > 0 && end < 16 && end + 1 < text.TrimEnd().Length;
    }
}
