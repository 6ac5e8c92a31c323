using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>Unicode's lower-casing of single characters, without regard to language or neighbours.</summary>
internal static class FullLowerCase
{
    /// <summary>Appends a character's lower case.</summary>
    public static void Append(Rune rune, PooledText text)
    {
        // The one character whose lower case is two; .NET leaves it as it is.
        if (rune.Value == 0x130) text.Append("i\u0307");
        else text.Append(Rune.ToLowerInvariant(rune));
    }

    public static string Of(string source)
    {
        using var text = new PooledText(source.Length + 8);
        foreach (var rune in source.EnumerateRunes()) Append(rune, text);
        return text.ToString();
    }
}
