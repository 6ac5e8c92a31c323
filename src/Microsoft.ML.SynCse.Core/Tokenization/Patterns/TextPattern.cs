using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Patterns;

/// <summary>The pattern of Split and Replace: a string, or a regular expression in the syntax of Oniguruma.</summary>
internal sealed class TextPattern : IEquatable<TextPattern>
{
    // A file's pattern must not hang a server on one sentence.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(4);

    // The code that is compiled for a pattern grows with it.
    private const int LongestPattern = 10_000;

    private readonly Regex _regex;
    private readonly bool _isLiteral;
    private readonly string _source;
    private readonly Func<string, Exception, Exception> _complaint;

    private TextPattern(TokenizerNode node, string source, bool isLiteral)
    {
        if (source.Length > LongestPattern) throw node.Wrong($"has {source.Length} characters; a pattern may have {LongestPattern}");
        (_source, _isLiteral) = (source, isLiteral);
        // Only these are kept, because the node itself would keep the whole file in memory.
        var (files, file, path) = (node.Files, node.File, node.Path);
        _complaint = (what, error) => files.Wrong(file, $"cannot be used: {path} {what}", error);
        string expression = isLiteral ? Regex.Escape(source) : OnigurumaSyntax.Translate(source, what => node.Wrong(what));
        try
        {
            _regex = new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.Compiled | RegexOptions.Multiline, _longest);
        }
        catch (ArgumentException error)
        {
            throw node.Wrong($"is not a regular expression .NET understands: {error.Message}", error);
        }
    }

    /// <summary>Reads {"String": ...} or {"Regex": ...}.</summary>
    public static TextPattern Read(TokenizerNode node)
        => node.OptionalText("Regex") is { } expression ? new(node, expression, isLiteral: false)
            : new(node, node.RequiredText("String"), isLiteral: true);

    /// <summary>Reads a string that is looked for as it is.</summary>
    public static TextPattern Literal(TokenizerNode node) => new(node, node.Text(), isLiteral: true);

    /// <summary>Whether it is this string.</summary>
    public bool IsString(string text) => _isLiteral && _source == text;

    /// <summary>Whether it is this regular expression.</summary>
    public bool IsExpression(string expression) => !_isLiteral && _source == expression;

    /// <summary>The places found, from left to right.</summary>
    /// <exception cref="InvalidDataException">The pattern takes too long on this text.</exception>
    public List<(int Start, int End)> Find(string text)
    {
        var found = new List<(int, int)>();
        var (searched, places) = _isLiteral ? (text, null) : CategoryText.Of(text);
        try
        {
            int last = -1;
            foreach (var match in _regex.EnumerateMatches(searched))
            {
                // Oniguruma finds no empty match at the end of a match.
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

/// <summary>
/// A text for .NET's regular expressions. They see two surrogates where Oniguruma sees one letter, so each character beyond the basic plane
/// is replaced by one of the same category inside it, which no pattern names.
/// </summary>
internal static class CategoryText
{
    /// <param name="text">Well-formed text.</param>
    /// <returns>The text to search, and for each place in it the place in the text; null places if they are the same.</returns>
    public static (string Searched, int[]? Places) Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return (text, null);
        using var searched = new PooledText(text.Length);
        int[] places = new int[text.Length + 1];
        for (int at = 0; at < text.Length;)
        {
            places[searched.Length] = at;
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out int length);
            searched.Append(rune.IsBmp ? (char)rune.Value : Stand(rune));
            at += length;
        }
        places[searched.Length] = text.Length;
        return (searched.ToString(), places);
    }

    // \w is letters, marks, digits and connectors, and circled letters, which are symbols (So).
    private static char Stand(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => '\uA640',
        UnicodeCategory.LowercaseLetter => '\uA641',
        UnicodeCategory.TitlecaseLetter => '\u1FFC',
        UnicodeCategory.ModifierLetter => '\uA4F8',
        UnicodeCategory.OtherLetter => '\uA4D0',
        UnicodeCategory.NonSpacingMark => '\uA66F',
        UnicodeCategory.SpacingCombiningMark => '\uA823',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.ConnectorPunctuation => '\uFE4D',
        UnicodeCategory.DashPunctuation => '\u2E3A',
        UnicodeCategory.OpenPunctuation => '\u2E22',
        UnicodeCategory.ClosePunctuation => '\u2E23',
        UnicodeCategory.InitialQuotePunctuation => '\u2E02',
        UnicodeCategory.FinalQuotePunctuation => '\u2E03',
        UnicodeCategory.OtherPunctuation => '\uA60D',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => CharacterClasses.Is(rune, CharacterClass.Word) ? '\u24B6' : '\uA490',
        UnicodeCategory.Format => '\u2064',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFFFF', // not assigned
    };
}
