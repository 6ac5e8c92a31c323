namespace Microsoft.ML.SynCse;

/// <summary>Writes a file so that its name never stands for half of it: beside the target first, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>, replacing what was there only when everything is on disk.</summary>
    /// <exception cref="IOException">The file could not be written; names it, and nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        FileSizeLimit.MakeItAnError();
        var target = Path.GetFullPath(path);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception error)
        {
            Discard(temporary);
            if (error is not (IOException or UnauthorizedAccessException) && !FileSizeLimit.IsReached(error)) throw;
            throw new IOException($"'{target}' could not be written, and nothing was left behind: {FileSizeLimit.Reason(error)} Check that the folder exists, is writable and has room.", error);
        }
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here says more than this one would.
        }
    }
}
