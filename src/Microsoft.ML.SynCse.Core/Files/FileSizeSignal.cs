using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// SIGXFSZ handled for the whole process while somebody here writes: the way where a thread cannot block it for itself (macOS raises it for
/// the process).
/// </summary>
/// <remarks>
/// Given back with the last holder, unless the limit was met: the runtime delivers a signal late, and one that nobody handles any more ends
/// the process after all.
/// </remarks>
internal sealed class FileSizeSignal : IDisposable
{
    private const PosixSignal SigXfsz = (PosixSignal)25;                // on Linux and macOS alike

    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2);
    private static readonly object Gate = new();
    private static readonly ManualResetEventSlim Raised = new();
    private static PosixSignalRegistration? _registration;
    private static int _holders;

    private bool _given;

    private FileSizeSignal()
    {
    }

    /// <summary>Handles the signal from here on.</summary>
    public static FileSizeSignal Hold()
    {
        lock (Gate)
        {
            _registration ??= PosixSignalRegistration.Create(SigXfsz, context =>
            {
                context.Cancel = true;
                Raised.Set();
            });
            _holders++;
        }
        return new();
    }

    /// <summary>Whether the signal came, now or earlier.</summary>
    public bool WasRaised() => Raised.Wait(Late);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gate)
        {
            if (_given) return;
            _given = true;
            if (--_holders > 0 || Raised.IsSet) return;
            _registration!.Dispose();
            _registration = null;
        }
    }
}
