using System.Reflection;
using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Where the files of TorchSharp's native backend lie, and what they are called here.</summary>
internal static class NativeFiles
{
    /// <summary>The file name of a library on this system, e.g. libtorch_cpu.so.</summary>
    public static string NameOf(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The full path of a library, or null where none of the folders in which an application carries natives has it.</summary>
    public static string? Find(string library, Assembly torchSharp) => Folders(torchSharp).Select(folder => Path.Combine(folder, NameOf(library))).FirstOrDefault(File.Exists);

    /// <summary>Whether TorchSharp.dll was loaded from the package cache itself, as notebooks do; TorchSharp then gathers its natives by itself.</summary>
    public static bool IsInPackageCache(Assembly torchSharp) =>
        Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } folder && File.Exists(Path.Combine(folder, "..", "..", "torchsharp.nuspec"));

    private static IEnumerable<string> Folders(Assembly torchSharp)
    {
        // What the host was told: the application's own folder, the packages' where nothing was copied, the place to which a single file was extracted.
        foreach (var folder in (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
        // A plug-in's own folder: the host knows nothing of it. In a single file an assembly has no location.
        var own = Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } location ? location : AppContext.BaseDirectory;
        foreach (var folder in new[] { own, AppContext.BaseDirectory }.Distinct())
        {
            yield return folder;
            yield return Path.Combine(folder, "runtimes", Platform, "native");
        }
    }

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-") + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
}
