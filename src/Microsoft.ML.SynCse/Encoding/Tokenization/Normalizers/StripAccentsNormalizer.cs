using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>Drops every combining mark (M*); what is composed stays composed, so NFD comes before it.</summary>
internal sealed class StripAccentsNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark))
                result.Append(rune);
        }
        return result.ToString();
    }
}
