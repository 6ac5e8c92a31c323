using System.Reflection;

namespace SynCse.Samples;

/// <summary>Which libraries this process runs on.</summary>
internal static class NativeLibraries
{
    private const string Maps = "/proc/self/maps";

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
        var path = File.ReadLines(Maps).Select(line => line[(line.IndexOf('/') + 1)..] is { Length: > 0 } rest && line.Contains('/') ? '/' + rest : "")
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal));
        return path?.StartsWith("/memfd:", StringComparison.Ordinal) == true ? $"memory: a copy mended for an older libstdc++ ({path})" : path;
    }
}
