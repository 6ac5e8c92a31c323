using System.Buffers;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down several lines, or several list items on one, for an anchor of one: alternatives, or an answer with its explanation.</summary>
internal sealed class SeveralLinesRule : IReplyRule
{
    private static readonly SearchValues<char> Breaks = SearchValues.Create("\n\r\v\f\u0085\u2028\u2029");

    /// <inheritdoc/>
    public string Name => "several-lines";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        int lines = Lines(candidate.Text), allowed = Lines(candidate.Anchor);
        // Where the anchor has lines of its own, they need not stay as they are.
        if (lines > 1 && (allowed < 2 || lines > 2 * allowed)) return ReplyVerdict.Rejected("several lines for one");
        return ListMark.HasNext(candidate.Text) && ListMark.Length(candidate.Anchor) == 0 ? ReplyVerdict.Rejected("a list") : ReplyVerdict.Accepted;
    }

    private static int Lines(ReadOnlySpan<char> text)
    {
        int lines = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOfAny(Breaks);
            if (!(end < 0 ? text : text[..end]).IsWhiteSpace()) lines++;
            text = end < 0 ? [] : text[(end + 1)..];
        }
        return lines;
    }
}
