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
        string target = Path.GetFullPath(path);
        TempFileSwap.Write(target, Advice, File.Delete, temporary =>
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
        string target = Path.GetFullPath(path);
        return TempFileSwap.WriteAsync(target, Advice, File.Delete, async temporary =>
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

/// <summary>What writing a file and writing a folder atomically share: a name beside the target, and one error that leaves nothing
/// behind.</summary>
internal static class TempFileSwap
{
    /// <summary>What names beside a target end in; files with it are left where the process was killed.</summary>
    public const string Suffix = ".tmp";

    /// <summary>Runs <paramref name="write"/> with a name beside the target; it writes there and renames as its last step.</summary>
    /// <param name="target">The full path, for the name and for the message.</param>
    /// <param name="advice">What the user should check where it fails.</param>
    /// <param name="remove">Removes what was written under the name, if anything.</param>
    /// <param name="write">Writes under the name, then renames.</param>
    /// <exception cref="IOException">It could not be written; names the target.</exception>
    public static void Write(string target, string advice, Action<string> remove, Action<string> write)
    {
        string temporary = NameBeside(target);
        try
        {
            write(temporary);
        }
        catch (Exception error)
        {
            Discard(temporary, remove);
            if (Explain(error, target, advice) is { } explained) throw explained;
            throw;
        }
    }

    /// <inheritdoc cref="Write"/>
    public static async Task WriteAsync(string target, string advice, Action<string> remove, Func<string, Task> write)
    {
        string temporary = NameBeside(target);
        try
        {
            await write(temporary).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Discard(temporary, remove);
            if (Explain(error, target, advice) is { } explained) throw explained;
            throw;
        }
    }

    private static string NameBeside(string target) => $"{target}.{Guid.NewGuid():N}{Suffix}";

    private static IOException? Explain(Exception error, string target, string advice)
        => error is HeldFileException ? null                                                             // says all there is to say
            : error is not (IOException or UnauthorizedAccessException) ? null
            : new IOException($"'{target}' could not be written, and nothing was left behind: {error.Message} Check that {advice}.", error);

    private static void Discard(string temporary, Action<string> remove)
    {
        try
        {
            remove(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here says more than this one would.
        }
    }
}
