using System.Buffers;
using System.Globalization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>
/// Turns down text that was damaged on its way: half surrogate pairs, replacement characters, controls, private use, noncharacters, piles
/// of accents.
/// </summary>
/// <remarks>Unassigned characters pass: which ones are depends on the runtime, and a rule must say the same everywhere.</remarks>
internal sealed class BrokenCharactersRule : IReplyRule
{
    // No writing stacks as many; "Zalgo" text does.
    private const int MostMarks = 8;

    // Of Latin accents that did not become part of their letters, as in Yoruba, so many are ordinary.
    private const int FewAccents = 4, AccentShare = 4;

    /// <inheritdoc/>
    public string Name => "broken-characters";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        string text = candidate.Text;
        int marks = 0, accents = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c < '\u0300')
            {
                marks = 0;
                // U+0085 is a line break, which another rule sees.
                if (c is >= '\u0080' and <= '\u009F' and not '\u0085') return ReplyVerdict.Rejected("control characters");
                continue;
            }

            marks = CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1
                : 0;
            // Most Latin accents are part of their letter after composition; a text with one on every other letter is struck through or
            // defaced.
            if (c <= '\u036F') accents++;
            if (marks > MostMarks || accents > FewAccents + (text.Length / AccentShare))
                return ReplyVerdict.Rejected("a pile of combining marks");

            int code = c;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                code = char.ConvertToUtf32(c, text[++i]);
            else if (char.IsSurrogate(c)) return ReplyVerdict.Rejected("half a surrogate pair");
            if (IsBroken(code) && !Holds(candidate.Anchor, code))
                return ReplyVerdict.Rejected("replacement, private-use or non-characters");
        }

        return ReplyVerdict.Accepted;
    }

    private static bool IsBroken(int c)
        => c is 0xFFFD or (>= 0xFDD0 and <= 0xFDEF) or (>= 0xE000 and <= 0xF8FF) or >= 0xF0000 || (c & 0xFFFE) == 0xFFFE;

    // Icon fonts of the user's own, in names of menus for instance.
    private static bool Holds(string anchor, int c) => anchor.Contains(char.ConvertFromUtf32(c), StringComparison.Ordinal);
}

/// <summary>
/// Turns down several lines, or several list items on one, for an anchor of one: alternatives, or an answer with its explanation.
/// </summary>
internal sealed class SeveralLinesRule : IReplyRule
{
    private static readonly SearchValues<char> _breaks = SearchValues.Create("\n\r\v\f\u0085\u2028\u2029");

    /// <inheritdoc/>
    public string Name => "several-lines";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        int lines = Lines(candidate.Text), allowed = Lines(candidate.Anchor);
        // Where the anchor has lines of its own, they need not stay as they are.
        if (lines > 1 && (allowed < 2 || lines > 2 * allowed)) return ReplyVerdict.Rejected("several lines for one");
        return ListMark.HasNext(candidate.Text) && ListMark.Length(candidate.Anchor) == 0 ? ReplyVerdict.Rejected("a list")
            : ReplyVerdict.Accepted;
    }

    private static int Lines(ReadOnlySpan<char> text)
    {
        int lines = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOfAny(_breaks);
            if (!(end < 0 ? text : text[..end]).IsWhiteSpace()) lines++;
            text = end < 0 ? [] : text[(end + 1)..];
        }
        return lines;
    }
}

/// <summary>
/// Marks of list items: "1. ", "2) ", "(3) ", "a) ", "- ", "* ", "• ", "> "; "1.5 million", "C. elegans" and "a - b" have none.
/// </summary>
internal static class ListMark
{
    /// <summary>How many characters the mark at the beginning takes, its blanks too; 0 if there is none, or nothing after it.</summary>
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
