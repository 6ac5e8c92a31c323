using System.Runtime.InteropServices;

namespace SynCse.Samples;

/// <summary>SIGXFSZ, which Unix raises where a file would grow beyond <c>ulimit -f</c>, and which ends a process on the spot.</summary>
internal static class FileSizeLimitSignal
{
    private const PosixSignal Number = (PosixSignal)25;             // of Linux on x64 and Arm, and of macOS
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2);
    private static readonly ManualResetEventSlim Raised = new();

    // Never given back: the runtime delivers a signal late, and one that nobody handles any more ends the process after all.
    private static PosixSignalRegistration? _registration;

    /// <summary>Handles it until the end of the process: the write fails, and the program says so and ends with an error.</summary>
    /// <remarks>
    /// The library sees to the files that it writes; this is for all others, standard output's too. Windows has no such limit.
    /// </remarks>
    public static void Handle()
    {
        if (OperatingSystem.IsWindows()) return;
        _registration ??= PosixSignalRegistration.Create(Number, context =>
        {
            context.Cancel = true;
            Raised.Set();
        });
    }

    /// <summary>Whether an error is that of a write which met the limit; .NET reports it as an argument that is out of range.</summary>
    public static bool IsMetBy(Exception error)
        => _registration is not null && error is ArgumentOutOfRangeException { ParamName: "value", ActualValue: null } && Raised.Wait(Late);
}
