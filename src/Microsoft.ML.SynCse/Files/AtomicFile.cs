namespace Microsoft.ML.SynCse;

/// <summary>Writes a file so that its name never stands for half of it: beside the target first, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/>, replacing what was there only when everything is on disk.</summary>
    /// <exception cref="IOException">The file could not be written; names it, and nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        BesideTarget.Write(target, "the folder exists, is writable and has room", File.Delete, temporary =>
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        });
    }
}
