using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Drops every combining mark (M*); what is composed stays composed, so NFD comes before it.</summary>
internal sealed class StripAccentsNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsMark(rune)) result.Append(rune);
        }
        return result.ToString();
    }

    // As in the Unicode that Hugging Face's library knows; two Vedic marks have become letters since.
    private static bool IsMark(Rune rune) => rune.Value is 0x1CF2 or 0x1CF3
        || (IsMark(Rune.GetUnicodeCategory(rune)) && !LaterCharacters.Contains(rune.Value));

    private static bool IsMark(UnicodeCategory category) =>
        category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
