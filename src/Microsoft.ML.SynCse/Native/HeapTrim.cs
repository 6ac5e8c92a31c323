using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Gives memory that torch has freed back to the system.</summary>
/// <remarks>
/// Tensors of a training differ in size from step to step, and the GNU C library keeps the holes that they leave in its heaps (measured
/// over 400 steps: 257 MB in use, and free holes that grew from 152 to 407 MB). Small native objects that wait for their finalizers keep
/// the holes open: .NET does not see the memory that they hold, and collects them only after some 50 MB of objects, which is 500 steps. So
/// generation 0 is collected first. Windows, macOS and musl have no such call of the C library; there only the collection runs.
/// </remarks>
internal static partial class HeapTrim
{
    private static bool _missing = !OperatingSystem.IsLinux();

    /// <summary>The number of calls in this process; for tests.</summary>
    internal static int Runs { get; private set; }

    /// <summary>Collects generation 0 and gives free pages back.</summary>
    public static void Run()
    {
        // Only the objects allocated since the last collection are looked at, not all of the host.
        GC.Collect(0);
        Runs++;
        if (_missing) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            _missing = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
