using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>One of Unicode's normalization forms.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part, NormalizationForm form) => "\u00E9".Normalize(NormalizationForm.FormD).Length == 2
        ? new UnicodeFormNormalizer(form)
        : throw part.Wrong("asks for a Unicode normalization form, which .NET does not have under InvariantGlobalization; switch that off");

    /// <inheritdoc/>
    public string Normalize(string text) =>
        // .NET refuses this non-character, which no form changes or reaches across.
        text.Contains('\uFFFE') ? string.Join('\uFFFE', text.Split('\uFFFE').Select(part => part.Normalize(form))) : text.Normalize(form);
}
