using System.Globalization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The process's memory as Linux counts it, native and managed alike; the peak can be set back.</summary>
internal static class ProcessMemory
{
    private const string Reset = "/proc/self/clear_refs";

    /// <summary>Whether this system can tell a peak.</summary>
    public static bool CanMeasure => OperatingSystem.IsLinux() && File.Exists(Reset);

    /// <summary>The largest growth of resident memory, in bytes, at any moment of an action, above what was resident once all garbage was
    /// given back.</summary>
    public static long PeakGrowth(Action action)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText(Reset, "5");                                  // proc(5): resets the peak to what is resident
        long before = Read("VmRSS:");
        action();
        return Read("VmHWM:") - before;
    }

    private static long Read(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;
    }
}
