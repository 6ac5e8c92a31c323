using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>
/// Python's str.lower, which sentence-transformers calls: as <see cref="FullLowerCase"/>, but a capital sigma that ends a word becomes a final one.
/// </summary>
internal static class PythonLowerCase
{
    private const int CapitalSigma = 0x3A3;

    public static string Of(string source)
    {
        using var text = new PooledText(source.Length + 8);
        for (var at = 0; at < source.Length;)
        {
            Rune.DecodeFromUtf16(source.AsSpan(at), out var rune, out var length);
            if (rune.Value == CapitalSigma) text.Append(EndsWord(source, at) ? '\u03C2' : '\u03C3');
            else FullLowerCase.Append(rune, text);
            at += length;
        }
        return text.ToString();
    }

    // Unicode's Final_Sigma: a cased letter before, none behind, both looked for beyond what has no say in case.
    private static bool EndsWord(string source, int sigma)
    {
        var before = source.AsSpan(0, sigma);
        while (Last(before) is { } rune && IsCaseIgnorable(rune)) before = before[..^rune.Utf16SequenceLength];
        if (Last(before) is not { } previous || !IsCased(previous)) return false;
        var behind = source.AsSpan(sigma + 1);
        while (First(behind) is { } rune && IsCaseIgnorable(rune)) behind = behind[rune.Utf16SequenceLength..];
        return First(behind) is not { } next || !IsCased(next);
    }

    private static Rune? First(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done ? rune : null;

    private static Rune? Last(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done ? rune : null;

    private static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

    private static bool IsCaseIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
