using System.Globalization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down text out of proportion to its anchor, counted in characters.</summary>
internal sealed class LengthRule : IReplyRule
{
    /// <summary>The share of the anchor's characters that is enough by default; a summary of a long sentence passes.</summary>
    public const double DefaultShortest = 0.125;

    /// <summary>How many times the anchor's characters are still in proportion by default.</summary>
    public const double DefaultLongest = 3;

    // Short sentences have no proportions: "Yes." may become a sentence, and a sentence "No.".
    private const int ShortSlack = 10;
    private const int LongSlack = 40;

    private readonly double _shortest;
    private readonly double _longest;

    public LengthRule(double shortest, double longest)
    {
        (_shortest, _longest) = (shortest, longest);
        // Outcomes stand under the name: other bounds are another rule.
        Name = (shortest, longest) == (DefaultShortest, DefaultLongest) ? "length" : string.Create(CultureInfo.InvariantCulture, $"length-{shortest}-{longest}");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        int text = candidate.Text.Length, anchor = candidate.Anchor.Length;
        if (text + ShortSlack < _shortest * anchor) return ReplyVerdict.Rejected("much shorter than the input");
        return text > _longest * anchor + LongSlack ? ReplyVerdict.Rejected("much longer than the input") : ReplyVerdict.Accepted;
    }
}
