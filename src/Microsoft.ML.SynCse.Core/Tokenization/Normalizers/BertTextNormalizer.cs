using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>
/// BERT's clean-up: control characters dropped, any white space a blank, blanks around Chinese characters, accents and case removed where asked.
/// </summary>
internal sealed record BertTextNormalizer : ITextNormalizer
{
    public required bool CleanText { get; init; }

    public required bool HandleChineseChars { get; init; }

    /// <summary>Null: where case is removed too.</summary>
    public required bool? StripAccents { get; init; }

    public required bool Lowercase { get; init; }

    private bool StripsAccents => StripAccents ?? Lowercase;

    public static BertTextNormalizer Read(TokenizerNode part) => new()
    {
        CleanText = part.Flag("clean_text", true),
        HandleChineseChars = part.Flag("handle_chinese_chars", true),
        StripAccents = part.OptionalFlag("strip_accents"),
        Lowercase = part.Flag("lowercase", true),
    };

    public JsonObject ToJson() => new()
    {
        ["type"] = "BertNormalizer",
        ["clean_text"] = CleanText,
        ["handle_chinese_chars"] = HandleChineseChars,
        ["strip_accents"] = StripAccents,
        ["lowercase"] = Lowercase,
    };

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        using var result = new PooledText(text.Length + 16);
        foreach (var rune in text.EnumerateRunes()) Append(rune, result);
        var cleaned = result.Span.SequenceEqual(text) ? text : result.ToString();
        return StripsAccents ? KeptMarks.InOrder(cleaned) : cleaned;
    }

    private void Append(Rune rune, PooledText result)
    {
        var classes = CharacterClasses.Of(rune);
        if (CleanText)
        {
            if ((classes & CharacterClass.Dropped) != 0) return;
            if ((classes & CharacterClass.WhiteSpace) != 0)
            {
                result.Append(' ');
                return;
            }
        }
        var chinese = HandleChineseChars && (classes & CharacterClass.Chinese) != 0;
        if (chinese) result.Append(' ');
        if (StripsAccents) AppendStripped(rune, classes, result);
        else AppendCased(rune, result);
        if (chinese) result.Append(' ');
    }

    // Decomposing one character at a time leaves marks in the order they came in: of no account, as those that move are dropped, but for
    // few.
    private void AppendStripped(Rune rune, CharacterClass classes, PooledText result)
    {
        if (CanonicalDecomposition.Of(rune) is { } decomposed)
        {
            foreach (var part in decomposed.EnumerateRunes())
                if (!CharacterClasses.Is(part, CharacterClass.NonSpacingMark)) AppendCased(part, result);
        }
        else if ((classes & CharacterClass.NonSpacingMark) == 0)
        {
            AppendCased(rune, result);
        }
    }

    private void AppendCased(Rune rune, PooledText result)
    {
        if (!Lowercase) result.Append(rune);
        else if (rune.IsAscii) result.Append((char)(rune.Value is >= 'A' and <= 'Z' ? rune.Value | 0x20 : rune.Value));
        else FullLowerCase.Append(rune, result);
    }
}
