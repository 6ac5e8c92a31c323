namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>What the file system does when a finished file takes its name: the calls that another program's open file can make
/// fail.</summary>
/// <remarks>Tests put others in its place, for the failures of a system that they do not run on.</remarks>
internal class FileMoves
{
    private static readonly FileMoves OfTheSystem = new();
    private static readonly AsyncLocal<FileMoves?> Other = new();

    /// <summary>Those of this flow of calls.</summary>
    public static FileMoves Current => Other.Value ?? OfTheSystem;

    /// <summary>Whether a file that somebody has open cannot be replaced or removed, as on Windows.</summary>
    public virtual bool OpenFilesAreHeld => OperatingSystem.IsWindows();

    /// <summary>Takes the calls over from now on, in this flow alone.</summary>
    public static void Replace(FileMoves? moves) => Other.Value = moves;

    /// <summary>Gives a file its name, in place of the file that has it.</summary>
    public virtual void MoveFile(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Gives a folder its name, which is free.</summary>
    public virtual void MoveFolder(string from, string to) => Directory.Move(from, to);

    /// <summary>Removes a file, if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>The programs that have a file open, in words; null where the system does not tell.</summary>
    public virtual string? HoldersOf(string path) => OperatingSystem.IsWindows() ? RestartManager.HoldersOf(path) : null;

    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public virtual void Wait(TimeSpan time, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(time);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
