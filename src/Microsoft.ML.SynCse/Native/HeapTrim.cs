using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse;

/// <summary>Gives what torch has freed back to the system.</summary>
/// <remarks>
/// Tensors come and go in sizes that differ from step to step, and the GNU C library keeps the holes that they leave in its heaps: over 400 training steps what is in use stood at
/// 257 MB while the free holes grew from 152 to 407 MB. Elsewhere (Windows, macOS, musl) there is no such call, and nothing is done.
/// </remarks>
internal static partial class HeapTrim
{
    private static bool _missing = !OperatingSystem.IsLinux();

    /// <summary>Gives back whole free pages; they are fetched again where they are needed.</summary>
    public static void Run()
    {
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
