namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>The one place where a finished file or folder takes its name, and where a file is removed.</summary>
/// <remarks>
/// Linux and macOS rename over a file that somebody has open or mapped: whoever reads it keeps the old content. Windows refuses. A virus
/// scanner, the search index or a backup has a new
/// file open for some milliseconds, so a refusal is tried again for some three seconds. A file that is mapped into memory is held for as
/// long as its program likes: it is not tried again, and
/// what was written stays under a new name beside it.
/// None of our own readers maps a file: weights are copied into tensors and the file is closed, and a journal's pages are read, not
/// mapped. Python's safetensors does map
/// <c>model.safetensors</c>; <see cref="SentenceEncoder.Save(string)"/> writes into folders that are empty, so it never replaces one.
/// </remarks>
internal static class FileReplacement
{
    private const int Tries = 10;
    private const int SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021),
        MappedFile = unchecked((int)0x800704C8), BusyFile = unchecked((int)0x800700AA), DeletePending = unchecked((int)0x8007012F);

    private const string Unknown = "another program: one that has loaded it (this one too, where it is still being read), "
        + "a virus scanner, the search index or a backup";

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(10), LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Gives a finished file its name.</summary>
    /// <param name="temporary">The file.</param>
    /// <param name="target">Its name; a file that has it is replaced.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <exception cref="HeldFileException">Another program holds the target; says which, and under which new name the content
    /// lies.</exception>
    public static void Replace(string temporary, string target, CancellationToken cancellationToken = default)
    {
        var moves = FileMoves.Current;
        if (Try(() => moves.MoveFile(temporary, target), target, cancellationToken) is not { } error) return;
        var kept = Keep(moves, temporary, target);
        throw new HeldFileException($"'{target}' could not be replaced: {Who(moves, target, error)} "
            + (kept is null
                ? "Nothing was left behind; close what holds it, or give another name."
                : $"What was to be written lies complete in '{kept}': close what holds the old file and rename the new one."), error);
    }

    /// <summary>Gives a finished folder its name, which is free.</summary>
    /// <param name="temporary">The folder.</param>
    /// <param name="target">Its name.</param>
    /// <exception cref="HeldFileException">Another program holds one of its files; says which.</exception>
    public static void MoveFolder(string temporary, string target)
    {
        var moves = FileMoves.Current;
        if (Try(() => moves.MoveFolder(temporary, target), target, CancellationToken.None) is { } error)
            throw new HeldFileException($"'{target}' could not be given its name: {Who(moves, temporary, error)} "
                + "Nothing was left behind; write it again, or into a folder that no scanner or index watches.", error);
    }

    /// <summary>Removes a file, if it is there.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HeldFileException">Another program holds it; says which.</exception>
    public static void Delete(string path)
    {
        var moves = FileMoves.Current;
        if (Try(() => moves.Delete(path), path, CancellationToken.None) is { } error)
            throw new HeldFileException($"'{path}' could not be removed: {Who(moves, path, error)} Close what holds it.", error);
    }

    private static Exception? Try(Action action, string target, CancellationToken cancellationToken)
    {
        var wait = FirstWait;
        for (int tried = 1; ; tried++)
        {
            try
            {
                action();
                return null;
            }
            catch (Exception error) when (IsHeld(error, target))
            {
                if (tried == Tries || error.HResult == MappedFile) return error;
            }
            FileMoves.Current.Wait(wait, cancellationToken);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    // "Access denied" is also what Windows says of a file that is open without leave to remove it; but not only of that.
    private static bool IsHeld(Exception error, string target) => error switch
    {
        IOException { HResult: SharingViolation or LockViolation or MappedFile or BusyFile or DeletePending } => true,
        UnauthorizedAccessException => FileMoves.Current.OpenFilesAreHeld && !Directory.Exists(target) && !IsReadOnly(target),
        _ => false,
    };

    private static bool IsReadOnly(string path) => File.Exists(path) && (File.GetAttributes(path) & FileAttributes.ReadOnly) != 0;

    private static string? Keep(FileMoves moves, string temporary, string target)
    {
        var extension = Path.GetExtension(target);
        var start = target[..(target.Length - extension.Length)];
        int number = 1;
        string kept;
        do kept = FormattableString.Invariant($"{start}.new{number++}{extension}");
        while (File.Exists(kept));
        try
        {
            moves.MoveFile(temporary, kept);
            return kept;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Who(FileMoves moves, string path, Exception error)
    {
        var how = error.HResult == MappedFile ? "it is mapped into the memory of" : "it is open in";
        return $"{how} {moves.HoldersOf(path) ?? Unknown} ({error.Message})";
    }
}
