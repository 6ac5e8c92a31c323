using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down the anchor given back: as a positive it teaches nothing, as a negative the opposite of the truth.</summary>
internal sealed class CopyOfInputRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "copy-of-input";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        // A negative that differs by an article alone still means the same; a positive may.
        bool copy = SameText.IsCopy(candidate.Text, candidate.Anchor, ignoreArticles: candidate.Role == SynthesisRole.Negative);
        return copy ? ReplyVerdict.Rejected("the input given back") : ReplyVerdict.Accepted;
    }
}

/// <summary>Turns down the answer of an exemplar in the request: small models repeat what they were shown.</summary>
internal sealed class ExemplarCopiedRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "exemplar-copied";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        foreach (string exemplar in candidate.Exemplars)
            if (SameText.IsCopy(candidate.Text, exemplar)) return ReplyVerdict.Rejected("an exemplar's answer");
        return ReplyVerdict.Accepted;
    }
}

/// <summary>Turns down a negative that says what a positive says, but for punctuation, case, white space or an article.</summary>
/// <remarks>No measure of edits here: one word more ("not") or another number is what makes a hard negative hard.</remarks>
internal sealed class SameAsPositiveRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "same-as-positive";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (candidate.Role == SynthesisRole.Negative)
            foreach (string positive in candidate.Positives)
                if (SameText.Are(candidate.Text, positive, ignoreArticles: true)) return ReplyVerdict.Rejected("equal to a positive");
        return ReplyVerdict.Accepted;
    }
}

/// <summary>Turns down what this anchor already has in the same role.</summary>
internal sealed class DuplicateRule : IReplyRule
{
    /// <inheritdoc/>
    public string Name => "duplicate";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        foreach (string sibling in candidate.Siblings)
            if (SameText.Are(candidate.Text, sibling)) return ReplyVerdict.Rejected("equal to an earlier one of the same sentence");
        return ReplyVerdict.Accepted;
    }
}

/// <summary>
/// When two texts count as the same: white space, case, sentence punctuation and invisible characters do not matter; numbers, signs and
/// words do.
/// </summary>
/// <remarks>
/// Compared side by side without building a key: nearly all pairs differ within a few characters, and a million sentences are compared
/// several times each.
/// </remarks>
internal static class SameText
{
    // Streams longer than this without a base character cannot be normalised in linear time (Unicode Standard Annex 15, stream-safe text).
    private const int MostMarks = 30;

    /// <summary>Whether they are the same.</summary>
    /// <param name="one">A text.</param>
    /// <param name="other">Another.</param>
    /// <param name="ignoreArticles">Whether English articles do not matter either.</param>
    public static bool Are(string one, string other, bool ignoreArticles = false)
    {
        if (AreComposed(one, other, ignoreArticles)) return true;
        return (HasParts(one) || HasParts(other)) && AreComposed(Composed(one), Composed(other), ignoreArticles);
    }

    /// <summary>Whether the text is the other one given back, once or twice over.</summary>
    public static bool IsCopy(string text, string of, bool ignoreArticles = false)
        => Are(text, of, ignoreArticles) || (of.Length > 0 && text.Length > of.Length + (of.Length / 2) && text.Length < 3 * (of.Length + 2)
            && Are(text, $"{of} {of}", ignoreArticles));

    /// <summary>
    /// The text in Unicode normal form C, or as it is if that form does not exist (half surrogate pairs) or would take long (floods of
    /// marks).
    /// </summary>
    public static string Composed(string text)
    {
        if (Ascii.IsValid(text) || !CanBeNormalized(text)) return text;
        return text.IsNormalized() ? text : text.Normalize();
    }

    private static bool AreComposed(string one, string other, bool ignoreArticles)
    {
        var left = new SignificantCharacters(one, ignoreArticles);
        var right = new SignificantCharacters(other, ignoreArticles);
        int c = left.Next();
        // Nothing that counts: "..." and "!?" are compared as they stand.
        if (c < 0) return one.AsSpan().Trim().SequenceEqual(other.AsSpan().Trim());
        for (; c == right.Next(); c = left.Next())
            if (c < 0) return true;
        return false;
    }

    /// <summary>
    /// Accents, Hangul letters or kana marks of their own: the only reason why texts that look equal are not, and rare in replies.
    /// </summary>
    private static bool HasParts(ReadOnlySpan<char> text)
        => text.ContainsAnyInRange('\u0300', '\u036F') || text.ContainsAnyInRange('\u1100', '\u11FF')
            || text.ContainsAny('\u3099', '\u309A');

    private static bool CanBeNormalized(string text)
    {
        int marks = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c < '\u0300')
            {
                marks = 0;
                continue;
            }

            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) c = text[i++];
            else if (char.IsSurrogate(c) || c >= '\uFFFE') return false;
            // Any character but a letter may be a mark of the astral planes: counted as one, to stay on the safe side.
            marks = char.IsLetterOrDigit(c) || char.IsWhiteSpace(c) ? 0 : marks + 1;
            if (marks > MostMarks) return false;
        }

        return true;
    }
}
