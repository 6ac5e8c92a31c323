namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Whether a model got stuck: one word over and over, or one letter, or the whole twice.</summary>
internal static class Stutter
{
    // "No, no, no, no!" is said; more is not.
    private const int MostInARow = 4, MostLetters = 12;

    // "Bye bye" is said twice, a sentence is not.
    private const int LeastWordsTwice = 6;

    /// <summary>Whether the text does so.</summary>
    public static bool Is(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> last = default;
        int inARow = 1, words = 0, letters = 1;
        bool other = false;
        for (var rest = text; !rest.IsEmpty;)
        {
            int end = rest.IndexOf(' ');
            var word = (end < 0 ? rest : rest[..end]).Trim(".,;:!?-");
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (word.IsEmpty) continue;
            words++;
            bool same = word.Equals(last, StringComparison.OrdinalIgnoreCase);
            other |= words > 1 && !same;
            inARow = same ? inARow + 1 : 1;
            if (inARow > MostInARow) return true;
            last = word;
        }
        if ((words > 2 && !other) || (words >= LeastWordsTwice && IsTwice(text))) return true;
        for (int i = 1; i < text.Length; i++)
        {
            letters = text[i] == text[i - 1] && char.IsLetter(text[i]) ? letters + 1 : 1;
            if (letters > MostLetters) return true;
        }
        return false;
    }

    private static bool IsTwice(ReadOnlySpan<char> text)
        => text.Length % 2 == 1 && text[text.Length / 2] == ' ' && text[..(text.Length / 2)].Equals(text[((text.Length / 2) + 1)..], StringComparison.OrdinalIgnoreCase);
}
