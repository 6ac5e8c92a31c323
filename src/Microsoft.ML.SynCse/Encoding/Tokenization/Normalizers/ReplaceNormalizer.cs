using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse;

/// <summary>Replaces a string, or what a regular expression finds, by other text taken literally.</summary>
internal sealed class ReplaceNormalizer(Regex pattern, string content) : ITextNormalizer
{
    // A pattern of somebody else's file must not hang a server on one sentence.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    private const int LongestPattern = 10_000;                          // compiled code grows with it

    public static ITextNormalizer Read(TokenizerNode part)
    {
        var pattern = part.Required("pattern");
        var expression = pattern.OptionalText("Regex") ?? Regex.Escape(pattern.RequiredText("String"));
        if (expression.Length > LongestPattern) throw pattern.Wrong($"has {expression.Length} characters; a pattern may have {LongestPattern}");
        try
        {
            return new ReplaceNormalizer(new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.Compiled, _longest), part.RequiredText("content"));
        }
        catch (ArgumentException error)
        {
            throw pattern.Wrong($"is not a regular expression .NET understands: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public string Normalize(string text) => pattern.Replace(text, _ => content);
}
