using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>
/// Categories as Unicode 8 has them, for marks, punctuation and format characters: Hugging Face's BERT asks a list of that age, so a newer mark is not
/// removed and a newer sign does not cut a word, whatever the version .NET knows.
/// </summary>
internal static class UnicodeEight
{
    // First and last of the marks, punctuation and format characters that came later; what lies between two of a range came later too.
    private static readonly int[] _later =
    [
        0x61D, 0x61D, 0x7FD, 0x7FD, 0x890, 0x89F, 0x8CA, 0x8E2, 0x9FD, 0x9FE, 0xA76, 0xA76, 0xAFA, 0xAFF, 0xB55, 0xB55, 0xC04, 0xC04, 0xC3C, 0xC3C,
        0xC77, 0xC77, 0xC84, 0xC84, 0xD00, 0xD00, 0xD3B, 0xD3C, 0xD81, 0xD81, 0xEBA, 0xEBA, 0xECE, 0xECE, 0x180F, 0x180F, 0x1ABF, 0x1ACE,
        0x1B4E, 0x1B4F, 0x1B7D, 0x1B7F, 0x1DF6, 0x1DFB, 0x2E43, 0x2E5D, 0xA82C, 0xA82C, 0xA8C5, 0xA8C5, 0xA8FF, 0xA8FF, 0x10D24, 0x10D6E,
        0x10EAB, 0x10F89, 0x11070, 0x11074, 0x110C2, 0x110CD, 0x111CF, 0x111CF, 0x1123E, 0x11241, 0x1133B, 0x1133B, 0x113BB, 0x1145E,
        0x11660, 0x1166C, 0x116B9, 0x116B9, 0x1182F, 0x1183B, 0x1193B, 0x11AA2, 0x11B00, 0x11FFF, 0x12FF1, 0x12FF2, 0x13430, 0x13455,
        0x1611E, 0x1612F, 0x16D6D, 0x16E9A, 0x16F4F, 0x16F4F, 0x16FE2, 0x16FE4, 0x1CF00, 0x1CF46, 0x1E000, 0x1E5FF, 0x1E944, 0x1E95F,
    ];

    public static UnicodeCategory CategoryOf(Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        return rune.Value switch
        {
            < 0x300 => category,
            // Those that have been put elsewhere since.
            0x166D or 0x111C9 => UnicodeCategory.OtherPunctuation,
            0x1734 or 0x1171E => UnicodeCategory.NonSpacingMark,
            0x1885 or 0x1886 => UnicodeCategory.OtherLetter,
            0xA9BD => UnicodeCategory.SpacingCombiningMark,
            var value => IsOfThese(category) && CameLater(value) ? UnicodeCategory.OtherNotAssigned : category,
        };
    }

    private static bool IsOfThese(UnicodeCategory category) => category is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format
        or (>= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation);

    private static bool CameLater(int value)
    {
        var at = Array.BinarySearch(_later, value);
        // Found, or between the first and the last of a range.
        return at >= 0 || (~at & 1) == 1;
    }
}
