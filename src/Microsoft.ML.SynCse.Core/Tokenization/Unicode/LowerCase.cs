using System.Buffers;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>Unicode's lower case of single characters, without regard to language and neighbours.</summary>
internal static class FullLowerCase
{
    /// <summary>Appends a character's lower case.</summary>
    public static void Append(Rune rune, PooledText text)
    {
        // The only character whose lower case is two characters; .NET leaves it as it is.
        if (rune.Value == 0x130) text.Append("i\u0307");
        else text.Append(new Rune(LaterThanDotNet(rune.Value) ?? Rune.ToLowerInvariant(rune).Value));
    }

    // The pairs of Unicode 16 and 17, which Rust knows, but not every version of .NET.
    private static int? LaterThanDotNet(int value) => value switch
    {
        < 0x1C89 => null,
        0x1C89 or 0xA7CC or 0xA7CE or 0xA7D2 or 0xA7D4 or 0xA7DA => value + 1,
        0xA7CB => 0x264,
        0xA7DC => 0x19B,
        >= 0x10D50 and <= 0x10D65 => value + 0x20,
        >= 0x16EA0 and <= 0x16EB8 => value + 0x1B,
        _ => null,
    };

    public static string Of(string source)
    {
        using var text = new PooledText(source.Length + 8);
        foreach (var rune in source.EnumerateRunes()) Append(rune, text);
        return text.ToString();
    }
}

/// <summary>
/// Python's str.lower, which sentence-transformers calls: the same as <see cref="FullLowerCase"/>, except that a capital sigma at the end
/// of a word becomes a final sigma.
/// </summary>
internal static class PythonLowerCase
{
    private const int CapitalSigma = 0x3A3;

    public static string Of(string source)
    {
        using var text = new PooledText(source.Length + 8);
        for (int at = 0; at < source.Length;)
        {
            Rune.DecodeFromUtf16(source.AsSpan(at), out var rune, out int length);
            if (rune.Value == CapitalSigma) text.Append(EndsWord(source, at) ? '\u03C2' : '\u03C3');
            else FullLowerCase.Append(rune, text);
            at += length;
        }
        return text.ToString();
    }

    // Unicode's Final_Sigma: a cased letter before and none after; characters that case ignores in between are skipped.
    private static bool EndsWord(string source, int sigma)
    {
        var before = source.AsSpan(0, sigma);
        while (Last(before) is { } rune && IsCaseIgnorable(rune)) before = before[..^rune.Utf16SequenceLength];
        if (Last(before) is not { } previous || !IsCased(previous)) return false;
        var after = source.AsSpan(sigma + 1);
        while (First(after) is { } rune && IsCaseIgnorable(rune)) after = after[rune.Utf16SequenceLength..];
        return First(after) is not { } next || !IsCased(next);
    }

    private static Rune? First(ReadOnlySpan<char> text)
        => Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done ? rune : null;

    private static Rune? Last(ReadOnlySpan<char> text)
        => Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done ? rune : null;

    private static bool IsCased(Rune rune)
        => Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

    private static bool IsCaseIgnorable(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
