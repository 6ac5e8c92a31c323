using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>One of Unicode's normalization forms.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part, NormalizationForm form) => "\u00E9".Normalize(NormalizationForm.FormD).Length == 2
        ? new UnicodeFormNormalizer(form)
        : throw part.Wrong("asks for a Unicode normalization form, which .NET does not have under InvariantGlobalization; switch that off");

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
            if (StandsAlone(rune.Value))
            {
                result.Append(text[start..at].Normalize(form)).Append(text, at, length);
                start = at + length;
            }
            at += length;
        }
        return start == 0 ? text.Normalize(form) : result.Append(text[start..].Normalize(form)).ToString();
    }

    // No form changes these or reaches across them. .NET refuses U+FFFE.
    private static bool StandsAlone(int value) => value == 0xFFFE || LaterCharacters.Contains(value);
}
