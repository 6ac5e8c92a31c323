using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

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
