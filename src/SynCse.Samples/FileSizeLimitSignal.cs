using Microsoft.ML.SynCse.Core.Files;

namespace SynCse.Samples;

/// <summary>SIGXFSZ, which Unix raises where a file would grow beyond <c>ulimit -f</c>, and which ends a process on the spot.</summary>
internal static class FileSizeLimitSignal
{
    // Never given back: the runtime delivers a signal late, and one that nobody handles any more ends the process after all.
    private static FileSizeSignal? _signal;

    /// <summary>Handles it until the end of the process: the write fails, and the program says so and ends with an error.</summary>
    /// <remarks>
    /// The library sees to the files that it writes; this is for all others, standard output's too. Windows has no such limit.
    /// </remarks>
    public static void Handle()
    {
        if (!OperatingSystem.IsWindows()) _signal ??= FileSizeSignal.Hold();
    }

    /// <summary>Whether an error is that of a write which met the limit.</summary>
    public static bool IsMetBy(Exception error) => _signal is not null && FileSizeLimit.MayBeReachedBy(error) && _signal.WasRaised();
}
