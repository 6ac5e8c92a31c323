using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse;

/// <summary>Replaces a string, or what a regular expression finds, by other text taken literally.</summary>
/// <param name="pattern">What is looked for.</param>
/// <param name="content">What stands there afterwards.</param>
/// <param name="complaint">Makes the exception for a pattern that does not come to an end, which names the file.</param>
internal sealed class ReplaceNormalizer(Regex pattern, string content, Func<string, Exception, Exception> complaint) : ITextNormalizer
{
    private const int LongestContent = 32;                              // one of a text's characters may become so many

    // A pattern of somebody else's file must not hang a server on one sentence.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(4);

    private const int LongestPattern = 10_000;                          // compiled code grows with it

    public static ITextNormalizer Read(TokenizerNode part)
    {
        var pattern = part.Required("pattern");
        var expression = pattern.OptionalText("Regex") ?? Regex.Escape(pattern.RequiredText("String"));
        if (expression.Length > LongestPattern) throw pattern.Wrong($"has {expression.Length} characters; a pattern may have {LongestPattern}");
        var content = part.RequiredText("content");
        if (content.Length > LongestContent) throw part.Wrong($"has a content of {content.Length} characters; it may have {LongestContent}");
        try
        {
            // The part itself would keep the whole file in memory.
            var (files, file, path) = (part.Files, part.File, part.Path);
            return new ReplaceNormalizer(new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.Compiled, _longest), content,
                (what, error) => files.Wrong(file, $"cannot be used: the pattern of {path} {what}", error));
        }
        catch (ArgumentException error)
        {
            throw pattern.Wrong($"is not a regular expression .NET understands: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The pattern does not come to an end on this text.</exception>
    public string Normalize(string text)
    {
        try
        {
            return pattern.Replace(text, _ => content);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw complaint($"takes more than {_longest.TotalSeconds} seconds on a text of {text.Length} characters", error);
        }
    }
}
