namespace Microsoft.ML.SynCse;

/// <summary>Turns down what is left of markup, JSON or chat templates, unless the anchor has the same.</summary>
internal sealed class DebrisRule : IReplyRule
{
    private static readonly PhraseSet Marks = new(RulePhrases.Default.Debris);

    /// <inheritdoc/>
    public string Name => "debris";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (Marks.AreIn(candidate.Text, candidate.Anchor)) return ReplyVerdict.Rejected("left-over markup or JSON");
        var text = candidate.Text.AsSpan();
        // A heading, or JSON cut off at either end.
        bool open = text.Length > 0 && ((text[0] is '{' or '[' or '#' or '<' && !candidate.Anchor.AsSpan().TrimStart().StartsWith(text[..1])) || (text[^1] is '}' or ']' && !candidate.Anchor.AsSpan().TrimEnd().EndsWith(text[^1..])));
        return open && (text[0] != '#' || text.Length < 2 || text[1] is '#' or ' ') ? ReplyVerdict.Rejected("left-over markup or JSON") : ReplyVerdict.Accepted;
    }
}
