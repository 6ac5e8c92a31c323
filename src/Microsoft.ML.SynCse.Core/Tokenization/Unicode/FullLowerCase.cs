using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>Unicode's lower-casing of single characters, without regard to language or neighbours.</summary>
internal static class FullLowerCase
{
    /// <summary>Appends a character's lower case.</summary>
    public static void Append(Rune rune, PooledText text)
    {
        // The one character whose lower case is two; .NET leaves it as it is.
        if (rune.Value == 0x130) text.Append("i\u0307");
        else text.Append(new Rune(LaterThanDotNet(rune.Value) ?? Rune.ToLowerInvariant(rune).Value));
    }

    // The pairs of Unicode 16 and 17, which Rust knows and not every .NET does.
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
