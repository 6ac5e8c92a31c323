using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>GPT-2's alphabet: a visible character for each byte, so that any text is a string over 256 characters.</summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] _characters = Characters();

    /// <summary>Appends the characters that stand for a character's UTF-8 bytes.</summary>
    public static void Append(Rune rune, PooledText text)
    {
        if (rune.IsAscii)
        {
            text.Append(_characters[rune.Value]);
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..rune.EncodeToUtf8(bytes)]) text.Append(_characters[value]);
    }

    // The printable Latin-1 characters stand for themselves, the others for U+0100 onwards in their order.
    private static char[] Characters()
    {
        var (characters, next) = (new char[256], (char)256);
        for (var value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and not 0xAD) ? (char)value : next++;
        return characters;
    }
}
