using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Languages;

/// <summary>The words of a text that can tell its language: letters only, so no numbers, addresses, codes or names with digits.</summary>
internal static class LanguageWords
{
    // More than this is not looked at; a text says what it is long before.
    private const int MostCharacters = 2000;

    private static readonly char[] InWords = ['\'', '’', '-', '\u2011', '\u00AD', '\u200C', '\u200D'];

    /// <summary>The words, in their order.</summary>
    public static List<string> Of(string text)
    {
        List<string> words = [];
        var rest = text.AsSpan(0, Math.Min(text.Length, MostCharacters));
        while (!rest.IsEmpty)
        {
            int start = 0;
            while (start < rest.Length && char.IsWhiteSpace(rest[start])) start++;
            int end = start;
            while (end < rest.Length && !char.IsWhiteSpace(rest[end])) end++;
            if (end > start) AddWord(rest[start..end], words);
            rest = rest[end..];
        }
        return words;
    }

    /// <summary>How many letters words have.</summary>
    public static int Letters(IEnumerable<string> words) => words.Sum(w => w.Length);

    private static void AddWord(ReadOnlySpan<char> token, List<string> words)
    {
        // "mail@example.org", "src/main", "snake_case", "x=1" and "B2B" are of no language.
        if (token.ContainsAny("@/\\_=<>{}#|") || token.ContainsAnyInRange('0', '9')) return;
        var word = new StringBuilder(token.Length);
        foreach (char c in token)
        {
            if (char.IsLetter(c) || IsMark(c)) word.Append(c);
            else if (!InWords.Contains(c)) Flush();
            else if (word.Length > 0 && c == '-') Flush();
        }
        Flush();

        void Flush()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsMark(char c) => c >= '\u0300'
        && char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
