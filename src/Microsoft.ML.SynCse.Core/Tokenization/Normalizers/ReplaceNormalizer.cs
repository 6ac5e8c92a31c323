using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Patterns;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Replaces what a pattern finds by other text taken literally.</summary>
/// <param name="Pattern">What is looked for.</param>
/// <param name="Content">What stands there afterwards.</param>
internal sealed record ReplaceNormalizer(TextPattern Pattern, string Content) : ITextNormalizer
{
    private const int LongestContent = 32;                              // one of a text's characters may become so many

    public static ITextNormalizer Read(TokenizerNode part)
    {
        var pattern = TextPattern.Read(part.Required("pattern"));
        var content = part.RequiredText("content");
        if (content.Length > LongestContent) throw part.Wrong($"has a content of {content.Length} characters; it may have {LongestContent}");
        return new ReplaceNormalizer(pattern, content);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The pattern does not come to an end on this text.</exception>
    public string Normalize(string text)
    {
        var found = Pattern.Find(text);
        if (found.Count == 0) return text;
        using var result = new PooledText(text.Length + 16);
        var taken = 0;
        foreach (var (start, end) in found)
        {
            result.Append(text.AsSpan(taken, start - taken));
            result.Append(Content);
            taken = end;
        }
        result.Append(text.AsSpan(taken));
        return result.ToString();
    }
}
