using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.SynCse.Native;

/// <summary>The message that says why the native backend does not load, and what to do.</summary>
internal static class NativeLoadDiagnostics
{
    /// <summary>The message for an application whose native backend did not load.</summary>
    /// <param name="torchSharp">The managed TorchSharp.</param>
    /// <param name="error">The error of the runtime or of TorchSharp, if there is one.</param>
    public static string Describe(Assembly torchSharp, Exception? error = null)
    {
        string? version = typeof(torch).Assembly.GetName().Version?.ToString(3);
        if (NativeFiles.Find("torch_cpu", torchSharp) is null || NativeFiles.Find(TorchSharpMender.Library, torchSharp) is not { } path)
        {
            return $"No native libtorch lies beside the application for {RuntimeInformation.RuntimeIdentifier}. "
                + "Reference one native backend in the application's project: TorchSharp-cpu, TorchSharp-cuda-windows or "
                + $"TorchSharp-cuda-linux, in the version of TorchSharp ({version}).";
        }
        string words = LoaderWords(path) ?? error?.Message ?? "the loader gave no reason";
        return Describe(path, words, TorchSharpMender.IsSwitchedOn, TorchSharpMender.Report);
    }

    internal static string Describe(string path, string words, bool mending, string? report)
    {
        string start = $"TorchSharp's native library does not load: {path}";
        if (TorchSharpMender.Repairs.Keys.FirstOrDefault(v => words.Contains($"`{v}'", StringComparison.Ordinal)) is not { } version)
            return $"{start}: {words}.";
        string advice = mending
            ? "The library mends this by itself where it can; here it could not: "
                + $"{report ?? "the host's own load context looks for native libraries and did not ask"}. Use"
            : "Leave the MSBuild property SynCseMendTorchSharp unset (it is false), so that the library mends this by itself, or use";
        return $"{start} needs {version}, which the libstdc++ of this machine is too old to have (loader: {words}). {advice}"
            + " a distribution with libstdc++ of GCC 13 or newer (Debian 13, Ubuntu 24.04, RHEL 10).";
    }

    /// <summary>The words of the system's loader: the last line, after the runtime's own advice.</summary>
    internal static string LoaderWords(Exception error) => error.Message
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    private static string? LoaderWords(string path)
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return LoaderWords(error);
        }
    }
}

/// <summary>The files of TorchSharp's native backend: their folders and their names on this system.</summary>
internal static class NativeFiles
{
    private static string Platform => (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>The file name of a library on this system, e.g. libtorch_cpu.so.</summary>
    public static string NameOf(string library)
        => OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The full path of a library; null if none of the folders in which an application has native libraries holds it.</summary>
    public static string? Find(string library, Assembly torchSharp)
        => Folders(torchSharp).Select(folder => Path.Combine(folder, NameOf(library))).FirstOrDefault(File.Exists);

    /// <summary>Whether TorchSharp.dll was loaded from the package cache itself, as in notebooks; TorchSharp then finds its native
    /// libraries.</summary>
    public static bool IsInPackageCache(Assembly torchSharp) => Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } folder
        && File.Exists(Path.Combine(folder, "..", "..", "torchsharp.nuspec"));

    private static IEnumerable<string> Folders(Assembly torchSharp)
    {
        // The host's list: the application's own folder, those of the packages if nothing was copied, the place where a single file was
        // extracted.
        string known = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in known.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)) yield return folder;
        // A plug-in's own folder, which the host does not know. In a single file an assembly has no location.
        string own = Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } location ? location : AppContext.BaseDirectory;
        foreach (string? folder in new[] { own, AppContext.BaseDirectory }.Distinct())
        {
            yield return folder;
            yield return Path.Combine(folder, "runtimes", Platform, "native");
        }
    }
}
