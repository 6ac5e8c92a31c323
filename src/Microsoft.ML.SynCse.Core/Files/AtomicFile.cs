namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>Writes a file so that its name never stands for half of it: beside the target first, then renamed.</summary>
internal static class AtomicFile
{
    private const string Advice = "the folder exists, is writable and has room";

    /// <summary>Writes <paramref name="path"/>, replacing what was there only when everything is on disk.</summary>
    /// <exception cref="IOException">The file could not be written; names it, and nothing is left behind. Or another program holds the old
    /// one; names it, and where the new content lies.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        BesideTarget.Write(target, Advice, File.Delete, temporary =>
        {
            using (var stream = new FileSizeLimitStream(new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite)))
            {
                write(stream);
                stream.FlushToDisk();
            }
            FileReplacement.Replace(temporary, target);
        });
    }

    /// <inheritdoc cref="Write"/>
    public static Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken = default)
    {
        var target = Path.GetFullPath(path);
        return BesideTarget.WriteAsync(target, Advice, File.Delete, async temporary =>
        {
            await using (var stream = new FileSizeLimitStream(new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite)))
            {
                await write(stream).ConfigureAwait(false);
                stream.FlushToDisk();
            }
            FileReplacement.Replace(temporary, target, cancellationToken);
        });
    }
}
