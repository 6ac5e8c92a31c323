using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>SentencePiece's nmt rules: control characters go, white space and characters without width become blanks.</summary>
internal sealed class NmtNormalizer : ITextNormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length);
        foreach (var character in text)
        {
            // All of them lie in the basic plane.
            if (!IsDropped(character)) result.Append(IsBlank(character) ? ' ' : character);
        }
        return result.ToString();
    }

    private static bool IsDropped(char value) =>
        value is (>= '\x01' and <= '\x08') or '\x0B' or (>= '\x0E' and <= '\x1F') or '\x7F' or '\x8F' or '\x9F';

    private static bool IsBlank(char value) =>
        value is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029'
            or '\u2581' or '\uFEFF' or '\uFFFD';
}
