namespace Microsoft.ML.SynCse;

/// <summary>Text without halves of surrogate pairs: a .NET string may hold them, the text other tokenizers see cannot.</summary>
internal static class WellFormedText
{
    /// <summary>The text with U+FFFD for each lone surrogate; the same string where there is none.</summary>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return text;
        using var result = new PooledText(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune);
        return result.ToString();
    }
}
