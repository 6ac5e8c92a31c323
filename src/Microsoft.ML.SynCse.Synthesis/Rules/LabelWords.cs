namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Labels before an answer, such as "Paraphrase:", "**Answer:**" or "Negative 2:".</summary>
internal static class LabelWords
{
    private static readonly HashSet<string> Words = new(RulePhrases.Default.Labels, StringComparer.OrdinalIgnoreCase);

    // Room for the emphasis and the number.
    private static readonly int Longest = Words.Max(w => w.Length) + 8;

    /// <summary>Where what a label stands before begins; 0 where there is no label. At the text's end where there is nothing after it.</summary>
    public static int End(string text)
    {
        int colon = text.AsSpan(0, Math.Min(text.Length, Longest + 1)).IndexOfAny(":：");
        if (colon <= 0 || !Words.Contains(text.AsSpan(0, colon).Trim(" *_#0123456789").ToString())) return 0;
        // "**Answer:** x": as much emphasis is closed as was opened, for the answer may have its own.
        int opened = text.Length - text.AsSpan().TrimStart("*_").Length, at = colon + 1;
        for (; opened > 0 && at < text.Length && text[at] == text[0]; at++) opened--;
        return text.Length - text.AsSpan(at).TrimStart().Length;
    }
}
