using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>
/// The order of marks that BERT's clean-up keeps: decomposing puts marks in order by their class, and those that are no non-spacing marks
/// in the list that it asks (spacing marks, marks younger than Unicode 8) are there afterwards.
/// </summary>
internal static class KeptMarks
{
    // First, last, canonical combining class: marks that the normalization forms order and UnicodeEight does not call non-spacing.
    private static readonly int[] _ranges =
    [
        0x8D4, 0x8E1, 230, 0x1B44, 0x1B44, 9, 0x1BAA, 0x1BAA, 9, 0x1BF2, 0x1BF3, 9, 0x1DFB, 0x1DFB, 230, 0x302E, 0x302F, 224,
        0xA953, 0xA953, 9, 0xA9C0, 0xA9C0, 9, 0x111C0, 0x111C0, 9, 0x11235, 0x11235, 9, 0x1134D, 0x1134D, 9, 0x11442, 0x11442, 9,
        0x11446, 0x11446, 7, 0x116B6, 0x116B6, 9, 0x11C3F, 0x11C3F, 9, 0x1D165, 0x1D166, 216, 0x1D16D, 0x1D16D, 226, 0x1D16E, 0x1D172, 216,
        0x1E000, 0x1E006, 230, 0x1E008, 0x1E018, 230, 0x1E01B, 0x1E021, 230, 0x1E023, 0x1E024, 230, 0x1E026, 0x1E02A, 230,
        0x1E944, 0x1E949, 230, 0x1E94A, 0x1E94A, 7,
    ];

    /// <summary>The text with marks that lie side by side in the order of their classes.</summary>
    public static string InOrder(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\u08D4', '\uFFFF') < 0) return text;
        var runes = text.EnumerateRunes().ToArray();
        var moved = false;
        for (var i = 1; i < runes.Length; i++)
        {
            if (ClassOf(runes[i]) is not (> 0 and var own)) continue;
            for (var k = i; k > 0 && ClassOf(runes[k - 1]) > own; k--)
            {
                (runes[k - 1], runes[k]) = (runes[k], runes[k - 1]);
                moved = true;
            }
        }
        return moved ? string.Concat(runes) : text;
    }

    private static int ClassOf(Rune rune)
    {
        for (var i = 0; i < _ranges.Length && rune.Value >= _ranges[i]; i += 3)
            if (rune.Value <= _ranges[i + 1]) return _ranges[i + 2];
        return 0;
    }
}
