using System.IO.Compression;

namespace Microsoft.ML.SynCse;

/// <summary>Compares a zip entry with its CRC-32 (ISO 3309), which .NET writes and does not look at when an entry is read.</summary>
internal static class ZipChecksum
{
    private const uint Polynomial = 0xEDB88320;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Remainder)];

    /// <summary>Whether the entry's content is the one that was written.</summary>
    /// <exception cref="InvalidDataException">The entry cannot be unpacked.</exception>
    public static bool Holds(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        var buffer = new byte[1 << 16];
        uint sum = uint.MaxValue;
        long length = 0;
        for (int read; (read = content.Read(buffer)) > 0; length += read)
        {
            foreach (byte value in buffer.AsSpan(0, read)) sum = Table[(byte)(sum ^ value)] ^ (sum >> 8);
        }
        return length == entry.Length && ~sum == entry.Crc32;
    }

    private static uint Remainder(int value)
    {
        uint rest = (uint)value;
        for (int bit = 0; bit < 8; bit++) rest = (rest & 1) == 0 ? rest >> 1 : (rest >> 1) ^ Polynomial;
        return rest;
    }
}
