using System.Text;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>What the first bytes of a text tell of its encoding.</summary>
internal static class ByteOrderMark
{
    /// <summary>The encoding that a byte order mark names and the mark's length; null and 0 where there is none.</summary>
    public static (Encoding? Encoding, int Length) Of(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),                  // before UTF-16, whose mark it begins with
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: true), 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        _ => (null, 0),
    };

    /// <summary>Whether every other one of the first bytes is zero, as in Latin text in UTF-16; no text in UTF-8 begins so.</summary>
    public static bool LooksLikeUtf16(ReadOnlySpan<byte> bytes) => bytes is [0, not 0, 0, not 0, ..] or [not 0, 0, not 0, 0, ..];
}
