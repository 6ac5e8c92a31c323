using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Takes white space off either end.</summary>
internal sealed class StripNormalizer(bool left, bool right) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part) => new StripNormalizer(part.Flag("strip_left", true), part.Flag("strip_right", true));

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }
}
