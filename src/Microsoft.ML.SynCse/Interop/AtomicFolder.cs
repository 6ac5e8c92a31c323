namespace Microsoft.ML.SynCse;

/// <summary>Writes a folder so that its name never stands for half of it: beside the target first, then renamed.</summary>
internal static class AtomicFolder
{
    /// <summary>Writes <paramref name="folder"/>, which must not exist or be empty.</summary>
    /// <exception cref="IOException">The folder has content, or could not be written; names it, and nothing is left behind.</exception>
    public static void Write(string folder, Action<IModelFileSink> write)
    {
        FileSizeLimit.MakeItAnError();
        var target = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new IOException($"'{target}' already exists and is not an empty folder: choose another name or remove it.");
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            write(new FolderFileSink(temporary));
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(temporary, target);
        }
        catch (Exception error)
        {
            Discard(temporary);
            if (error is not (IOException or UnauthorizedAccessException) && !FileSizeLimit.IsReached(error)) throw;
            throw new IOException($"'{target}' could not be written, and nothing was left behind: {FileSizeLimit.Reason(error)} Check that the folder above it is writable and has room.", error);
        }
    }

    private static void Discard(string temporary)
    {
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here says more than this one would.
        }
    }
}
