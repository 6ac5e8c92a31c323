namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The small text that Git has in the place of a large file until Git LFS fetches it.</summary>
internal static class GitLfsPointer
{
    // The format says that a pointer is shorter than this.
    private const int Longest = 1024;

    /// <summary>Throws where a file is only the pointer to one; else leaves the stream at its start.</summary>
    /// <param name="stream">The file, at its start; one that can seek.</param>
    /// <param name="file">The file for the message.</param>
    /// <exception cref="InvalidDataException">It is a pointer; says how to get the file.</exception>
    public static void Refuse(Stream stream, string file)
    {
        if (stream.Length >= Longest) return;
        Span<byte> start = stackalloc byte[64];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (start.StartsWith("version https://git-lfs.github.com/spec/"u8) || start.StartsWith("version https://hawser.github.com/spec/"u8))
        {
            throw new InvalidDataException($"{file} is a Git LFS pointer of {stream.Length} bytes and not the file itself, as the model was "
                + "cloned without Git LFS: run 'git lfs install' and 'git lfs pull' in the folder, or download the file.");
        }
    }
}
