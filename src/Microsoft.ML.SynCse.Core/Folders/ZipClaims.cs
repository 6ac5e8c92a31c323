using System.IO.Compression;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>What a zip's table of contents claims, looked at before anything is unpacked.</summary>
internal static class ZipClaims
{
    // Weights hardly shrink, and text some ten times; a deflate stream of nothing but zeros shrinks a thousand times. What is small does no harm.
    private const long Harmless = 16 << 20, MostTimes = 100;

    /// <summary>Throws where an entry would grow far beyond what it takes in the zip.</summary>
    /// <exception cref="InvalidDataException">It would; names it by <paramref name="file"/>.</exception>
    public static void Check(ZipArchiveEntry entry, string file)
    {
        if (entry.Length > Harmless && entry.Length / MostTimes > entry.CompressedLength)
            throw new InvalidDataException($"{file} would unpack from {entry.CompressedLength} bytes to {entry.Length}: no file of a model packs so well, so it is not unpacked.");
    }
}
