using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse;

/// <summary>Turns reaching the process's file size limit (<c>ulimit -f</c>) into an error of the write.</summary>
/// <remarks>
/// Unix raises SIGXFSZ, and .NET leaves it at its default: the process ends on the spot, with half a file behind it. Where somebody handles the signal, the write
/// fails as on a full disk. The registration is never given back: the runtime delivers a signal late, and one that nobody handles any more ends the process after all.
/// </remarks>
internal static class FileSizeLimit
{
    private const PosixSignal SigXfsz = (PosixSignal)25;                // on Linux and macOS alike
    private static readonly PosixSignalRegistration? Registration =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(SigXfsz, context => context.Cancel = true);

    /// <summary>From now on a write beyond the limit throws an exception that <see cref="IsReached"/> knows.</summary>
    public static void MakeItAnError() => GC.KeepAlive(Registration);

    /// <summary>Whether an error says that the limit was reached: .NET reports EFBIG as an argument of its own that is out of range, not as an <see cref="IOException"/>.</summary>
    public static bool IsReached(Exception error) => error is ArgumentOutOfRangeException { ParamName: "value", Source: "System.Private.CoreLib" };

    /// <summary>What an error of a write says, in words that help.</summary>
    public static string Reason(Exception error) => IsReached(error) ? "The process's limit of file sizes is reached (ulimit -f)." : error.Message;
}
