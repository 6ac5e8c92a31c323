using System.Buffers;

namespace Microsoft.ML.SynCse;

/// <summary>Turns down several lines for an anchor of one: alternatives, a list, or an answer with its explanation.</summary>
internal sealed class SeveralLinesRule : IReplyRule
{
    private static readonly SearchValues<char> Breaks = SearchValues.Create("\n\r\v\f\u0085\u2028\u2029");

    /// <inheritdoc/>
    public string Name => "several-lines";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => candidate.Text.AsSpan().ContainsAny(Breaks) && !candidate.Anchor.AsSpan().Trim().ContainsAny(Breaks) ? ReplyVerdict.Rejected("several lines for one") : ReplyVerdict.Accepted;
}
