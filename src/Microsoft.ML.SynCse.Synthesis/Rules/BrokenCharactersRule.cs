using System.Globalization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down text that was damaged on its way: half surrogate pairs, replacement characters, controls, private use, noncharacters, piles of accents.</summary>
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
        var text = candidate.Text;
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

            marks = CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            // Most Latin accents are part of their letter after composition; a text with one on every other letter is struck through or defaced.
            if (c <= '\u036F') accents++;
            if (marks > MostMarks || accents > FewAccents + (text.Length / AccentShare)) return ReplyVerdict.Rejected("a pile of combining marks");

            int code = c;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) code = char.ConvertToUtf32(c, text[++i]);
            else if (char.IsSurrogate(c)) return ReplyVerdict.Rejected("half a surrogate pair");
            if (IsBroken(code) && !Holds(candidate.Anchor, code)) return ReplyVerdict.Rejected("replacement, private-use or non-characters");
        }

        return ReplyVerdict.Accepted;
    }

    private static bool IsBroken(int c)
        => c is 0xFFFD or (>= 0xFDD0 and <= 0xFDEF) or (>= 0xE000 and <= 0xF8FF) or >= 0xF0000 || (c & 0xFFFE) == 0xFFFE;

    // Icon fonts of the user's own, in names of menus for instance.
    private static bool Holds(string anchor, int c) => anchor.Contains(char.ConvertFromUtf32(c), StringComparison.Ordinal);
}
