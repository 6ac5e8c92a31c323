using System.Reflection;

namespace SynCse.Samples;

/// <summary>Which libraries this process runs on.</summary>
internal static class NativeLibraries
{
    private const string Maps = "/proc/self/maps", MemoryFile = "memfd:";

    /// <summary>The version of the package that a type came with.</summary>
    public static string VersionOf(Type type)
    {
        var assembly = type.Assembly;
        return assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version!.ToString();
    }

    /// <summary>Where a native library was loaded from; null where it is not loaded, or the system does not tell (Linux does).</summary>
    public static string? LoadedFrom(string name)
    {
        if (!File.Exists(Maps)) return null;
        var path = File.ReadLines(Maps).Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..])
            .FirstOrDefault(path => Path.GetFileName(path).Contains(name, StringComparison.Ordinal));
        return path?.Contains(MemoryFile, StringComparison.Ordinal) == true ? "a copy in memory, mended for the older libstdc++ of this machine" : path;
    }
}
