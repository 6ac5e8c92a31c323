using System.Globalization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>
/// Whether two texts are about the same thing: they share the beginning of a long word, which small words and endings do not change.
/// </summary>
internal static class SharedWords
{
    // "invo", "pass", "parc": endings do not count.
    private const int Stem = 4;

    private static readonly PhraseSet _smallWords = new(RulePhrases.Default.SmallWords);

    // Two Han characters, katakana or Hangul syllables are a word's worth.
    private const int WideStem = 2;

    /// <summary>Whether a word of the text begins like one of the anchor.</summary>
    public static bool Are(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int stem = IsWide(text[i]) || IsHangul(text[i]) ? WideStem : Stem;
            bool begins = IsWide(text[i]) || (IsLetter(text[i]) && (i == 0 || !IsLetter(text[i - 1])));
            if (begins && IsStem(text[i..], stem) && _smallWords.Begins(text[i..]) == 0 && Holds(anchor, text.Slice(i, stem))) return true;
        }
        return false;
    }

    private static bool IsStem(ReadOnlySpan<char> rest, int length)
    {
        if (rest.Length < length) return false;
        foreach (char c in rest[..length])
        {
            if (IsWide(rest[0]) ? !IsWide(c) : !IsLetter(c)) return false;
        }
        return true;
    }

    private static bool Holds(ReadOnlySpan<char> anchor, ReadOnlySpan<char> stem)
    {
        for (int at = 0; at < anchor.Length;)
        {
            int found = anchor[at..].IndexOf(stem, StringComparison.OrdinalIgnoreCase);
            if (found < 0) return false;
            at += found;
            if (at == 0 || IsWide(stem[0]) || !IsLetter(anchor[at - 1])) return true;
            at++;
        }
        return false;
    }

    private static bool IsLetter(char c) => char.IsLetter(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark;

    private static bool IsWide(char c) => c is (>= '\u4E00' and <= '\u9FFF') or (>= '\u30A1' and <= '\u30FA');

    private static bool IsHangul(char c) => c is >= '\uAC00' and <= '\uD7A3';
}
