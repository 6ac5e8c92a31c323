using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>The one place where a finished file or folder takes its name, and where a file is removed.</summary>
/// <remarks>
/// Linux and macOS rename over a file that is open or mapped: its readers keep the old content. Windows refuses. A virus scanner, the
/// search index or a backup has a new file open for some milliseconds, so a refusal is tried again for some three seconds. A file that is
/// mapped into memory is held for as long as its program likes: it is not tried again, and what was written stays under a new name beside
/// it. None of our own readers maps a file: weights are copied into tensors and the file is closed, and a journal's pages are read, not
/// mapped. Python's safetensors does map <c>model.safetensors</c>; <c>Save</c> writes into folders that are empty, so it never replaces
/// one.
/// </remarks>
internal static class FileReplacement
{
    private const int Tries = 10;
    private const int SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021),
        MappedFile = unchecked((int)0x800704C8), BusyFile = unchecked((int)0x800700AA), DeletePending = unchecked((int)0x8007012F);

    private const string Unknown = "another program: one that has loaded it (this one too, where it is still being read), "
        + "a virus scanner, the search index or a backup";

    private static readonly TimeSpan _firstWait = TimeSpan.FromMilliseconds(10), _longestWait = TimeSpan.FromSeconds(1);

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
        string? kept = Keep(moves, temporary, target);
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
        var wait = _firstWait;
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
            wait = wait * 2 < _longestWait ? wait * 2 : _longestWait;
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
        string extension = Path.GetExtension(target);
        string start = target[..(target.Length - extension.Length)];
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
        string how = error.HResult == MappedFile ? "it is mapped into the memory of" : "it is open in";
        return $"{how} {moves.HoldersOf(path) ?? Unknown} ({error.Message})";
    }
}

/// <summary>What the file system does when a finished file takes its name: the calls that another program's open file can make
/// fail.</summary>
/// <remarks>Tests put others in its place, for the failures of a system that they do not run on.</remarks>
internal class FileMoves
{
    private static readonly FileMoves _ofTheSystem = new();
    private static readonly AsyncLocal<FileMoves?> _other = new();

    /// <summary>Those of this flow of calls.</summary>
    public static FileMoves Current => _other.Value ?? _ofTheSystem;

    /// <summary>Whether an open file cannot be replaced or removed, as on Windows.</summary>
    public virtual bool OpenFilesAreHeld => OperatingSystem.IsWindows();

    /// <summary>Takes the calls over from now on, in this flow alone.</summary>
    public static void Replace(FileMoves? moves) => _other.Value = moves;

    /// <summary>Gives a file its name, in place of the file that has it.</summary>
    public virtual void MoveFile(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Gives a folder its name, which is free.</summary>
    public virtual void MoveFolder(string from, string to) => Directory.Move(from, to);

    /// <summary>Removes a file, if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>The programs that have a file open, in words; null where the system does not tell.</summary>
    public virtual string? HoldersOf(string path) => OperatingSystem.IsWindows() ? RestartManager.HoldersOf(path) : null;

    /// <summary>Waits before the next try; tests replace it to see the times without waiting.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public virtual void Wait(TimeSpan time, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(time);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

/// <summary>A file could not be replaced or removed because a program has it open; the message says all there is to say.</summary>
internal sealed class HeldFileException(string message, Exception inner) : IOException(message, inner);

/// <summary>Asks Windows which programs have a file open.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class RestartManager
{
    private const int KeyLength = 33, MostPrograms = 16, MoreThere = 234;

    /// <summary>The programs in words; null if there are none, or the system does not say.</summary>
    public static string? HoldersOf(string path)
    {
        try
        {
            return Ask(path) is { Count: > 0 } programs ? string.Join(", ", programs) : null;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static List<string> Ask(string path)
    {
        var programs = new List<string>();
        char* key = stackalloc char[KeyLength];
        if (RmStartSession(out uint session, 0, key) != 0) return programs;
        try
        {
            if (RmRegisterResources(session, 1, [path], 0, 0, 0, 0) != 0) return programs;
            var found = new ProgramInfo[MostPrograms];
            uint count = MostPrograms;
            int result;
            fixed (ProgramInfo* first = found) result = RmGetList(session, out _, ref count, first, out _);
            if (result is not (0 or MoreThere)) return programs;
            foreach (ref readonly var program in found.AsSpan(0, (int)Math.Min(count, MostPrograms))) programs.Add(InWords(program));
            return programs;
        }
        finally
        {
            _ = RmEndSession(session);
        }
    }

    private static string InWords(in ProgramInfo program)
    {
        fixed (char* name = program.Name)
        {
            string own = program.Id == Environment.ProcessId ? ", this one" : "";
            return FormattableString.Invariant($"{new string(name)} (process {program.Id}{own})");
        }
    }

    [LibraryImport("rstrtmgr.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int RmStartSession(out uint session, uint flags, char* key);

    [LibraryImport("rstrtmgr.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int RmRegisterResources(
        uint session, uint files, string[] names, uint applications, nint applicationList, uint services, nint serviceList);

    [LibraryImport("rstrtmgr.dll")]
    private static partial int RmGetList(uint session, out uint needed, ref uint count, ProgramInfo* programs, out uint reasons);

    [LibraryImport("rstrtmgr.dll")]
    private static partial int RmEndSession(uint session);

    // RM_PROCESS_INFO: an id and a start time, two names of fixed length, four numbers.
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramInfo
    {
        public int Id;
        public uint StartLow, StartHigh;
        public fixed char Name[256];
        public fixed char Service[64];
        public int Kind;
        public uint Status, Session;
        public int Restartable;
    }
}
