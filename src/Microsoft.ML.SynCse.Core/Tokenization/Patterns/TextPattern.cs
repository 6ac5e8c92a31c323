using System.Text.RegularExpressions;
using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Patterns;

/// <summary>What Split and Replace look for: a string, or a regular expression in the syntax of Oniguruma.</summary>
internal sealed class TextPattern : IEquatable<TextPattern>
{
    // A pattern of somebody else's file must not hang a server on one sentence.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(4);

    private const int LongestPattern = 10_000;                          // compiled code grows with it

    private readonly Regex _regex;
    private readonly bool _isLiteral;
    private readonly string _source;
    private readonly Func<string, Exception, Exception> _complaint;

    private TextPattern(TokenizerNode node, string source, bool isLiteral)
    {
        if (source.Length > LongestPattern) throw node.Wrong($"has {source.Length} characters; a pattern may have {LongestPattern}");
        (_source, _isLiteral) = (source, isLiteral);
        // The node itself would keep the whole file in memory.
        var (files, file, path) = (node.Files, node.File, node.Path);
        _complaint = (what, error) => files.Wrong(file, $"cannot be used: {path} {what}", error);
        var expression = isLiteral ? Regex.Escape(source) : OnigurumaSyntax.Translate(source, what => node.Wrong(what));
        try
        {
            _regex = new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.Compiled | RegexOptions.Multiline, _longest);
        }
        catch (ArgumentException error)
        {
            throw node.Wrong($"is not a regular expression .NET understands: {error.Message}", error);
        }
    }

    /// <summary>{"String": ...} or {"Regex": ...}.</summary>
    public static TextPattern Read(TokenizerNode node) =>
        node.OptionalText("Regex") is { } expression ? new(node, expression, isLiteral: false)
            : new(node, node.RequiredText("String"), isLiteral: true);

    /// <summary>A string that is looked for as it is.</summary>
    public static TextPattern Literal(TokenizerNode node) => new(node, node.Text(), isLiteral: true);

    /// <summary>Whether it is this regular expression.</summary>
    public bool IsExpression(string expression) => !_isLiteral && _source == expression;

    /// <summary>The places found, from left to right.</summary>
    /// <exception cref="InvalidDataException">The pattern does not come to an end on this text.</exception>
    public List<(int Start, int End)> Find(string text)
    {
        var found = new List<(int, int)>();
        var (searched, places) = _isLiteral ? (text, null) : CategoryText.Of(text);
        try
        {
            var last = -1;
            foreach (var match in _regex.EnumerateMatches(searched))
            {
                // Oniguruma finds nothing right behind a find.
                if (match.Length == 0 && match.Index == last) continue;
                last = match.Index + match.Length;
                found.Add(places is null ? (match.Index, last) : (places[match.Index], places[last]));
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw _complaint($"takes more than {_longest.TotalSeconds} seconds on a text of {text.Length} characters", error);
        }
        return found;
    }

    /// <inheritdoc/>
    public bool Equals(TextPattern? other) => other is not null && (_source, _isLiteral) == (other._source, other._isLiteral);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TextPattern);

    /// <inheritdoc/>
    public override int GetHashCode() => _source.GetHashCode(StringComparison.Ordinal);
}
