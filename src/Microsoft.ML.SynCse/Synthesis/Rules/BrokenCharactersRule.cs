using System.Globalization;

namespace Microsoft.ML.SynCse;

/// <summary>Turns down text that was damaged on its way: half surrogate pairs, replacement characters, private use, noncharacters, piles of accents.</summary>
/// <remarks>Unassigned characters pass: which ones are depends on the runtime, and a rule must say the same everywhere.</remarks>
internal sealed class BrokenCharactersRule : IReplyRule
{
    // No writing stacks as many; "Zalgo" text does.
    private const int MostMarks = 8;

    /// <inheritdoc/>
    public string Name => "broken-characters";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        var text = candidate.Text;
        int marks = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c < '\u0300')
            {
                marks = 0;
                continue;
            }

            marks = CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            if (marks > MostMarks) return ReplyVerdict.Rejected("a pile of combining marks");
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (char.IsSurrogate(c)) return ReplyVerdict.Rejected("half a surrogate pair");
            else if (c is '\uFFFD' or '\uFFFE' or '\uFFFF' or (>= '\uFDD0' and <= '\uFDEF') or (>= '\uE000' and <= '\uF8FF') && !candidate.Anchor.Contains(c))
                return ReplyVerdict.Rejected("replacement, private-use or non-characters");
        }

        return ReplyVerdict.Accepted;
    }
}
