using System.Diagnostics;
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
        return assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? assembly.GetName().Version!.ToString();
    }

    /// <summary>The files of all native libraries that are loaded, as far as the system tells: Linux and Windows do.</summary>
    public static IReadOnlyList<string> Loaded()
    {
        if (File.Exists(Maps))
            return [.. File.ReadLines(Maps).Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..]).Distinct()];
        using var process = Process.GetCurrentProcess();
        return [.. process.Modules.Cast<ProcessModule>().Select(module => module.FileName).OfType<string>()];
    }

    /// <summary>The file of a library among those that are loaded, whatever the system puts around its name; null if it is none of
    /// them.</summary>
    /// <param name="loaded">The files.</param>
    /// <param name="library">The name without "lib" and ending.</param>
    public static string? Find(IEnumerable<string> loaded, string library)
        => loaded.FirstOrDefault(path => IsNamed(FileName(path), library));

    /// <summary>Whether a file is a library of this name: name.dll, libname.so, libname.so.1.2, libname.dylib, and what a copy in memory
    /// is called.</summary>
    public static bool IsNamed(string file, string library)
    {
        string name = file.StartsWith(MemoryFile, StringComparison.Ordinal) ? file[MemoryFile.Length..] : file;
        if (name.StartsWith("lib", StringComparison.Ordinal) && !library.StartsWith("lib", StringComparison.Ordinal)) name = name[3..];
        return name.StartsWith(library, StringComparison.OrdinalIgnoreCase)
            && (name.Length == library.Length || name[library.Length] is '.' or ' ');
    }

    /// <summary>The last part of a path of any system.</summary>
    public static string FileName(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>The version that a file says itself, as Windows' libraries do.</summary>
    public static string VersionIn(string path)
    {
        string? version = File.Exists(path) ? FileVersionInfo.GetVersionInfo(path).FileVersion : null;
        return string.IsNullOrWhiteSpace(version) ? "version not in the file" : version;
    }

    /// <summary>A path for people.</summary>
    public static string Shown(string path) => path.Contains(MemoryFile, StringComparison.Ordinal)
        ? "a copy in memory, mended for the older libstdc++ of this machine" : path;
}
