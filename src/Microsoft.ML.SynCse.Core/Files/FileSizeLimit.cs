using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// While it is held, a write of this thread beyond the process's file size limit (<c>ulimit -f</c>) fails, where Unix would end the
/// process.
/// </summary>
/// <remarks>
/// Unix raises SIGXFSZ on the thread that writes, and .NET leaves it at its default: the process ends on the spot, and leaves half a file
/// it. Here the signal is blocked for the one thread, taken away if it came, and unblocked: what the host's process does with the signal is
/// not touched, and its other threads meet it as before. A ref struct: it must be given back on the thread that took it, so it cannot be
/// held over an await.
/// </remarks>
internal readonly ref struct FileSizeLimit
{
    private const string LimitReached = "The process's limit of file sizes is reached (ulimit -f).";

    // The numbers of Linux on x64 and Arm; the C library's sets have 1,024 bits.
    private const int Block = 0, Unblock = 1, WordsOfASet = 16;
    private const ulong SigXfsz = 1UL << (25 - 1);

    private static bool _canBlock = OperatingSystem.IsLinux();

    private readonly bool _blocked, _watches;
    private readonly FileSizeSignal? _signal;

    private FileSizeLimit(bool blocked, FileSizeSignal? signal) => (_blocked, _signal, _watches) = (blocked, signal, true);

    /// <summary>Begins. Where the thread holds it already, the outer one counts.</summary>
    public static FileSizeLimit Guard()
    {
        if (OperatingSystem.IsWindows()) return default;
        if (_canBlock)
        {
            try
            {
                ulong[] set = new ulong[WordsOfASet], before = new ulong[WordsOfASet];
                set[0] = SigXfsz;
                if (SignalMask.Change(Block, set, before) == 0) return new((before[0] & SigXfsz) == 0, null);
            }
            catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
            {
                _canBlock = false;
            }
        }
        return new(false, FileSizeSignal.Hold());
    }

    /// <summary>Whether an error of a write made under this guard says that the limit was reached.</summary>
    public bool IsReachedBy(Exception error) => _watches && MayBeReachedBy(error) && (_signal?.WasRaised() ?? IsPending());

    /// <summary>Whether an error has the form in which .NET reports EFBIG: an argument "value" that is out of range.</summary>
    /// <remarks>Any other code may throw that too: it was the limit only if the signal came too.</remarks>
    public static bool MayBeReachedBy(Exception error) => error is ArgumentOutOfRangeException { ParamName: "value", ActualValue: null };

    /// <summary>The error of a write that met the limit.</summary>
    public static IOException Error(Exception cause) => new(LimitReached, cause);

    /// <summary>Ends; the signal of a write that failed under it is gone with it.</summary>
    public void Dispose()
    {
        _signal?.Dispose();
        if (!_blocked) return;
        ulong[] set = new ulong[WordsOfASet];
        set[0] = SigXfsz;
        // Unblocked with the signal still waiting, it would end the process after all.
        if (IsPending()) _ = SignalMask.TakeSignal(set, 0, new long[2]);
        _ = SignalMask.Change(Unblock, set, new ulong[WordsOfASet]);
    }

    private static bool IsPending()
    {
        ulong[] pending = new ulong[WordsOfASet];
        return SignalMask.Pending(pending) == 0 && (pending[0] & SigXfsz) != 0;
    }
}

/// <summary>
/// Handles SIGXFSZ for the whole process during a write, for systems on which a thread cannot block it for itself (macOS raises it for
/// the process).
/// </summary>
/// <remarks>
/// Given back with the last holder, unless the limit was met: the runtime delivers a signal late, and one that nobody handles any more ends
/// the process after all.
/// </remarks>
internal sealed class FileSizeSignal : IDisposable
{
    private const PosixSignal SigXfsz = (PosixSignal)25;                // on Linux and macOS alike

    private static readonly TimeSpan _late = TimeSpan.FromSeconds(2);
    private static readonly object _gate = new();
    private static readonly ManualResetEventSlim _raised = new();
    private static PosixSignalRegistration? _registration;
    private static int _holders;

    private bool _given;

    private FileSizeSignal()
    {
    }

    /// <summary>Handles the signal from here on.</summary>
    public static FileSizeSignal Hold()
    {
        lock (_gate)
        {
            _registration ??= PosixSignalRegistration.Create(SigXfsz, context =>
            {
                context.Cancel = true;
                _raised.Set();
            });
            _holders++;
        }
        return new();
    }

    /// <summary>Whether the signal came, now or earlier.</summary>
    public bool WasRaised() => _raised.Wait(_late);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_given) return;
            _given = true;
            if (--_holders > 0 || _raised.IsSet) return;
            _registration!.Dispose();
            _registration = null;
        }
    }
}

/// <summary>The C library's calls on a thread's signals, Linux only. Apart from their user, because .NET 8's generator cannot write into a
/// ref struct.</summary>
internal static partial class SignalMask
{
    // On Linux the calling thread's mask, as pthread_sigmask, which older C libraries keep in a file of its own.
    [LibraryImport("libc", EntryPoint = "sigprocmask")]
    public static partial int Change(int how, [In] ulong[] set, [Out] ulong[] before);

    [LibraryImport("libc", EntryPoint = "sigpending")]
    public static partial int Pending([Out] ulong[] set);

    [LibraryImport("libc", EntryPoint = "sigtimedwait")]
    public static partial int TakeSignal([In] ulong[] set, nint information, [In] long[] timeout);
}
