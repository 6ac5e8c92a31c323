using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Lower-cases each character by itself.</summary>
internal sealed class LowercaseNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text) => FullLowerCase.Of(text);
}
