namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Marks of list items: "1. ", "2) ", "(3) ", "a) ", "- ", "* ", "• ", "> "; "1.5 million", "C. elegans" and "a - b" have none.</summary>
internal static class ListMark
{
    /// <summary>How many characters the mark at the beginning takes, its blanks too; 0 where there is none, or nothing after it.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        int end = MarkLength(text);
        if (end == 0 || end >= text.Length || !char.IsWhiteSpace(text[end])) return 0;
        int rest = text[end..].TrimStart().Length;
        return rest == 0 ? 0 : text.Length - rest;
    }

    /// <summary>Whether a text that begins with a mark holds the next item too, on the same line.</summary>
    public static bool HasNext(ReadOnlySpan<char> text)
    {
        int end = MarkLength(text);
        if (Length(text) == 0) return false;
        ReadOnlySpan<char> mark = text[..end], rest = text[end..];
        if (!char.IsAsciiLetterOrDigit(mark[mark[0] == '(' ? 1 : 0])) return rest.Contains([' ', mark[0], ' '], StringComparison.Ordinal);
        Span<char> next = stackalloc char[end + 2];
        next[0] = ' ';
        mark.CopyTo(next[1..]);
        next[end + 1] = ' ';
        // The last digit or letter before the bracket or dot; after 9 comes none, for no list of sentences starts there.
        next[end - 1]++;
        return rest.Contains(next, StringComparison.Ordinal);
    }

    private static int MarkLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return 0;
        if ("-*•–—·▪●>".Contains(text[0])) return 1;
        int open = text[0] == '(' ? 1 : 0, at = open;
        while (at < text.Length && at < open + 3 && char.IsAsciiDigit(text[at])) at++;
        if (at > open) return at < text.Length && (text[at] == ')' || (open == 0 && text[at] == '.')) ? at + 1 : 0;
        return at + 1 < text.Length && char.IsAsciiLetter(text[at]) && text[at + 1] == ')' ? at + 2 : 0;
    }
}
