using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>
/// Turns down what the model had not finished: the end of the sentence, often the very word that makes it negative, is missing.
/// </summary>
internal sealed class TruncatedRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "truncated";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate) => candidate.Truncated
        ? ReplyVerdict.Rejected("cut off at the token limit: raise MaxOutputTokens; a model that reasons needs room for that too")
        : ReplyVerdict.Accepted;
}

/// <summary>Turns down what the provider's content filter touched: what came through is a remainder or a notice.</summary>
internal sealed class FilteredRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "filtered";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => candidate.Filtered ? ReplyVerdict.Rejected("withheld by the provider's content filter") : ReplyVerdict.Accepted;
}

/// <summary>
/// Turns down a runaway reply by its raw size alone, before any other rule reads it; the finer bounds are <see cref="LengthRule"/>'s, on
/// the cleaned text.
/// </summary>
internal sealed class OversizedRule : IReplyRule
{
    // Room for every wrapping that can be cleaned away; a model that repeats itself goes far beyond.
    private const int Slack = 4096;
    private const int Factor = 8;

    /// <inheritdoc/>
    public string Name => "oversized";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => candidate.Text.Length > Slack + (long)Factor * candidate.Anchor.Length
            ? ReplyVerdict.Rejected("many times longer than the input") : ReplyVerdict.Accepted;
}

/// <summary>
/// Turns down a reply that says nothing: no word in it (unless the anchor has none either), or a placeholder for one ("N/A", "null", "1.",
/// "Answer:").
/// </summary>
internal sealed class EmptyRule : IReplyRule
{
    // "None." may answer "Is there any?"; it says nothing of a sentence.
    private const int ShortestSentence = 16;

    private static readonly HashSet<string> _placeholders = new(RulePhrases.Default.Placeholders, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Name => "empty";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (string.IsNullOrWhiteSpace(candidate.Text)) return ReplyVerdict.Rejected("no text");
        if (!HasWords(candidate.Text))
        {
            return HasWords(candidate.Anchor) || candidate.Anchor.Length == 0 ? ReplyVerdict.Rejected("no letter or digit")
                : ReplyVerdict.Accepted;
        }
        return (candidate.Anchor.Length == 0 || Width(candidate.Anchor) >= ShortestSentence) && IsPlaceholder(candidate.Text)
            ? ReplyVerdict.Rejected("a placeholder") : ReplyVerdict.Accepted;
    }

    private static bool IsPlaceholder(string text)
    {
        if (text.Length > 40) return false;
        if (text[^1] is '.' or ')' && text.AsSpan(0, text.Length - 1).TrimStart('(').IndexOfAnyExceptInRange('0', '9') < 0) return true;
        return _placeholders.Contains(text.Trim(' ', '.', '!', '*', '_', '"', '<', '>', '[', ']')) || LabelWords.End(text) == text.Length;
    }

    // Han, kana and Hangul say twice as much in a character.
    private static int Width(string text)
    {
        int width = text.Length;
        foreach (char c in text)
        {
            if (c >= '\u2E80') width++;
        }
        return width;
    }

    private static bool HasWords(string text)
    {
        // Rather than char.IsLetter: letters beyond the BMP (rare Han, Adlam) are two chars.
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) return true;
        }
        return false;
    }
}

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
        Name = (shortest, longest) == (DefaultShortest, DefaultLongest) ? "length"
            : string.Create(CultureInfo.InvariantCulture, $"length-{shortest}-{longest}");
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
