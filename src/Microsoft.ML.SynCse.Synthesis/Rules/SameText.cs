using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>When two texts count as the same: white space, case, sentence punctuation and invisible characters do not matter; numbers, signs and words do.</summary>
/// <remarks>Compared side by side without building a key: nearly all pairs differ within a few characters, and a million sentences are compared several times each.</remarks>
internal static class SameText
{
    // Streams longer than this without a base character are normalised by nobody in linear time (Unicode Standard Annex 15, stream-safe text).
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
        => Are(text, of, ignoreArticles) || (of.Length > 0 && text.Length > of.Length + (of.Length / 2) && text.Length < 3 * (of.Length + 2) && Are(text, $"{of} {of}", ignoreArticles));

    /// <summary>The text in Unicode normal form C, or as it is where that form does not exist (half surrogate pairs) or would take long (floods of marks).</summary>
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

    /// <summary>Accents, Hangul letters or kana marks of their own: the only reason why texts that look equal are not, and rare in replies.</summary>
    private static bool HasParts(ReadOnlySpan<char> text)
        => text.ContainsAnyInRange('\u0300', '\u036F') || text.ContainsAnyInRange('\u1100', '\u11FF') || text.ContainsAny('\u3099', '\u309A');

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
