using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Lower-cases each character by itself.</summary>
internal sealed class LowercaseNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text) => FullLowerCase.Of(text);
}

/// <summary>Drops every combining mark (M*). A composed character stays as it is, so NFD has to come before.</summary>
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

    // Marks of the Unicode version of Hugging Face's library; two Vedic marks have become letters since.
    private static bool IsMark(Rune rune) => rune.Value is 0x1CF2 or 0x1CF3
        || (IsMark(Rune.GetUnicodeCategory(rune)) && !LaterCharacters.Contains(rune.Value));

    private static bool IsMark(UnicodeCategory category)
        => category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}

/// <summary>One of Unicode's normalization forms.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part, NormalizationForm form)
        => "\u00E9".Normalize(NormalizationForm.FormD).Length == 2
            ? new UnicodeFormNormalizer(form)
            : throw part.Wrong(
                "asks for a Unicode normalization form, which .NET does not have under InvariantGlobalization; switch that off");

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        int start = 0;
        for (int at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out int length);
            if (StandsAlone(rune.Value))
            {
                result.Append(text[start..at].Normalize(form)).Append(text, at, length);
                start = at + length;
            }
            at += length;
        }
        return start == 0 ? text.Normalize(form) : result.Append(text[start..].Normalize(form)).ToString();
    }

    // No form changes these characters or combines others across them. .NET refuses U+FFFE.
    private static bool StandsAlone(int value) => value == 0xFFFE || LaterCharacters.Contains(value);
}

/// <summary>SentencePiece's nmt rules: drops control characters, and makes white space and characters without width blanks.</summary>
internal sealed class NmtNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length);
        foreach (char character in text)
        {
            // All of these characters lie in the basic plane.
            if (!IsDropped(character)) result.Append(IsBlank(character) ? ' ' : character);
        }
        return result.ToString();
    }

    private static bool IsDropped(char value)
        => value is (>= '\x01' and <= '\x08') or '\x0B' or (>= '\x0E' and <= '\x1F') or '\x7F' or '\x8F' or '\x9F';

    private static bool IsBlank(char value)
        => value is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029'
            or '\u2581' or '\uFEFF' or '\uFFFD';
}

/// <summary>Spells text in <see cref="ByteLevelAlphabet"/>.</summary>
internal sealed class ByteLevelNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length * 2);
        foreach (var rune in text.EnumerateRunes()) ByteLevelAlphabet.Append(rune, result);
        return result.ToString();
    }
}
