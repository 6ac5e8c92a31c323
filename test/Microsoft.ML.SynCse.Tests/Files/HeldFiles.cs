using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A file system on which calls fail as they do on Windows while another program has a file open.</summary>
/// <param name="fault">Makes the failure of a call; asked once for each.</param>
/// <param name="failures">How many calls fail; the next do what they should.</param>
internal sealed class HeldFiles(Func<Exception> fault, int failures) : FileMoves, IDisposable
{
    public const int SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021),
        MappedFile = unchecked((int)0x800704C8);

    /// <summary>The calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The waits so far.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Called before each wait.</summary>
    public Action? BeforeWait { get; init; }

    /// <summary>Which paths are held; all where nothing is said.</summary>
    public Func<string, bool> Held { get; init; } = _ => true;

    /// <summary>The program that the system names.</summary>
    public string? Holder { get; init; }

    public override bool OpenFilesAreHeld => true;

    /// <summary>An error as .NET reports Windows' number.</summary>
    public static Func<Exception> Error(int number) => () => new IOException("The process cannot access the file.", number);

    /// <summary>Takes the calls of the test over, until it is disposed.</summary>
    public HeldFiles Begin()
    {
        Replace(this);
        return this;
    }

    public void Dispose() => Replace(null);

    public override void MoveFile(string from, string to)
    {
        Call(to);
        base.MoveFile(from, to);
    }

    public override void MoveFolder(string from, string to)
    {
        Call(to);
        base.MoveFolder(from, to);
    }

    public override void Delete(string path)
    {
        Call(path);
        base.Delete(path);
    }

    public override string? HoldersOf(string path) => Holder;

    public override void Wait(TimeSpan time, CancellationToken cancellationToken)
    {
        Waits.Add(time);
        BeforeWait?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Call(string path)
    {
        if (Held(path) && Calls++ < failures) throw fault();
    }
}
