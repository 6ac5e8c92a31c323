using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Patterns;

/// <summary>
/// A text for .NET's regular expressions, which see two surrogates where Oniguruma sees a letter: each character beyond the basic
/// plane is one of the same category inside it, such as no pattern names.
/// </summary>
internal static class CategoryText
{
    /// <param name="text">Well-formed text.</param>
    /// <returns>What to search, and for each place in it the place in the text; no places where they are the same.</returns>
    public static (string Searched, int[]? Places) Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return (text, null);
        using var searched = new PooledText(text.Length);
        var places = new int[text.Length + 1];
        for (var at = 0; at < text.Length;)
        {
            places[searched.Length] = at;
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
            searched.Append(rune.IsBmp ? (char)rune.Value : Stand(rune));
            at += length;
        }
        places[searched.Length] = text.Length;
        return (searched.ToString(), places);
    }

    // Words are letters, marks, digits and joints; the rest of \w (circled letters) is So.
    private static char Stand(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => '\uA640',
        UnicodeCategory.LowercaseLetter => '\uA641',
        UnicodeCategory.TitlecaseLetter => '\u1FFC',
        UnicodeCategory.ModifierLetter => '\uA4F8',
        UnicodeCategory.OtherLetter => '\uA4D0',
        UnicodeCategory.NonSpacingMark => '\uA66F',
        UnicodeCategory.SpacingCombiningMark => '\uA823',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.ConnectorPunctuation => '\uFE4D',
        UnicodeCategory.DashPunctuation => '\u2E3A',
        UnicodeCategory.OpenPunctuation => '\u2E22',
        UnicodeCategory.ClosePunctuation => '\u2E23',
        UnicodeCategory.InitialQuotePunctuation => '\u2E02',
        UnicodeCategory.FinalQuotePunctuation => '\u2E03',
        UnicodeCategory.OtherPunctuation => '\uA60D',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => CharacterClasses.Is(rune, CharacterClass.Word) ? '\u24B6' : '\uA490',
        UnicodeCategory.Format => '\u2064',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFFFF',                                                  // not assigned
    };
}
