using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down a reply that says nothing: no word in it (unless the anchor has none either), or a placeholder for one ("N/A", "null", "1.", "Answer:").</summary>
internal sealed class EmptyRule : IReplyRule
{
    // "None." may answer "Is there any?"; it says nothing of a sentence.
    private const int ShortestSentence = 16;

    private static readonly HashSet<string> Placeholders = new(RulePhrases.Default.Placeholders, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Name => "empty";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (string.IsNullOrWhiteSpace(candidate.Text)) return ReplyVerdict.Rejected("no text");
        if (!HasWords(candidate.Text)) return HasWords(candidate.Anchor) || candidate.Anchor.Length == 0 ? ReplyVerdict.Rejected("no letter or digit") : ReplyVerdict.Accepted;
        return (candidate.Anchor.Length == 0 || Width(candidate.Anchor) >= ShortestSentence) && IsPlaceholder(candidate.Text) ? ReplyVerdict.Rejected("a placeholder") : ReplyVerdict.Accepted;
    }

    private static bool IsPlaceholder(string text)
    {
        if (text.Length > 40) return false;
        if (text[^1] is '.' or ')' && text.AsSpan(0, text.Length - 1).TrimStart('(').IndexOfAnyExceptInRange('0', '9') < 0) return true;
        return Placeholders.Contains(text.Trim(' ', '.', '!', '*', '_', '"', '<', '>', '[', ']')) || LabelWords.End(text) == text.Length;
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
