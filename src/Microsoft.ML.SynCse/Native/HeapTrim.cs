using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Gives what torch has freed back to the system.</summary>
/// <remarks>
/// Tensors come and go in sizes that differ from step to step, and the GNU C library keeps the holes that they leave in its heaps: over 400
/// training steps what is in use stood at 257 MB while the free holes grew from 152 to 407 MB. What keeps holes from closing are small
/// native objects that wait for their finalizers: .NET sees little of what they hold, and lets some 50 MB of objects gather, which is 500
/// steps, before it collects the first time. With its youngest generation collected before, 200 and 1,000 steps leave the same. Elsewhere
/// (Windows, macOS, musl) there is no such call of the C library, and the collection is all.
/// </remarks>
internal static partial class HeapTrim
{
    private static bool _missing = !OperatingSystem.IsLinux();

    /// <summary>How often that was done in this process; for tests.</summary>
    internal static int Runs { get; private set; }

    /// <summary>Gives back whole free pages; they are fetched again where they are needed.</summary>
    public static void Run()
    {
        // Of all that a host holds, this looks at what was allocated since the last time alone.
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
