using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>The C library's calls on a thread's signals, Linux only. Apart from their user, because .NET 8's generator cannot write into a ref struct.</summary>
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
