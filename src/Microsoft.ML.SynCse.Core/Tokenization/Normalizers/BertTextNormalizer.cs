using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>
/// BERT's clean-up: drops control characters, makes any white space a blank, puts blanks around Chinese characters, and removes accents and
/// case if the settings say so.
/// </summary>
internal sealed record BertTextNormalizer : ITextNormalizer
{
    public required bool CleanText { get; init; }

    public required bool HandleChineseChars { get; init; }

    /// <summary>Whether accents are removed; null: if case is removed too.</summary>
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
        string cleaned = result.Span.SequenceEqual(text) ? text : result.ToString();
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
        bool chinese = HandleChineseChars && (classes & CharacterClass.Chinese) != 0;
        if (chinese) result.Append(' ');
        if (StripsAccents) AppendStripped(rune, classes, result);
        else AppendCased(rune, result);
        if (chinese) result.Append(' ');
    }

    // Decomposing one character at a time leaves marks in their order. That is right because marks that would move are dropped; KeptMarks
    // orders the few that are not.
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

/// <summary>
/// The order of the marks that BERT's clean-up keeps. Decomposing a text orders marks by their class, and BERT keeps those that its list of
/// non-spacing marks lacks: spacing marks, and marks younger than Unicode 8.
/// </summary>
internal static class KeptMarks
{
    // First, last, canonical combining class: marks that the normalization forms order and UnicodeEight does not call non-spacing.
    private static readonly int[] _ranges =
    [
        0x8D4, 0x8E1, 230, 0x1B44, 0x1B44, 9, 0x1BAA, 0x1BAA, 9, 0x1BF2, 0x1BF3, 9, 0x1DFB, 0x1DFB, 230, 0x302E, 0x302F, 224,
        0xA953, 0xA953, 9, 0xA9C0, 0xA9C0, 9, 0x111C0, 0x111C0, 9, 0x11235, 0x11235, 9, 0x1134D, 0x1134D, 9, 0x11442, 0x11442, 9,
        0x11446, 0x11446, 7, 0x116B6, 0x116B6, 9, 0x11C3F, 0x11C3F, 9, 0x1D165, 0x1D166, 216, 0x1D16D, 0x1D16D, 226, 0x1D16E, 0x1D172, 216,
        0x1E000, 0x1E006, 230, 0x1E008, 0x1E018, 230, 0x1E01B, 0x1E021, 230, 0x1E023, 0x1E024, 230, 0x1E026, 0x1E02A, 230,
        0x1E944, 0x1E949, 230, 0x1E94A, 0x1E94A, 7,
    ];

    /// <summary>The text with marks that lie side by side in the order of their classes.</summary>
    public static string InOrder(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\u08D4', '\uFFFF') < 0) return text;
        var runes = text.EnumerateRunes().ToArray();
        bool moved = false;
        for (int i = 1; i < runes.Length; i++)
        {
            if (ClassOf(runes[i]) is not (> 0 and var own)) continue;
            for (int k = i; k > 0 && ClassOf(runes[k - 1]) > own; k--)
            {
                (runes[k - 1], runes[k]) = (runes[k], runes[k - 1]);
                moved = true;
            }
        }
        return moved ? string.Concat(runes) : text;
    }

    private static int ClassOf(Rune rune)
    {
        for (int i = 0; i < _ranges.Length && rune.Value >= _ranges[i]; i += 3)
            if (rune.Value <= _ranges[i + 1]) return _ranges[i + 2];
        return 0;
    }
}
