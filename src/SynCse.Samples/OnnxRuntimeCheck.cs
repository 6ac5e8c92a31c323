namespace SynCse.Samples;

/// <summary>Whether ONNX Runtime is the application's own: Windows keeps a copy for Windows ML in System32, of a version that no package
/// asked for, and loads it where the application brings none.</summary>
internal static class OnnxRuntimeCheck
{
    /// <summary>The library's name.</summary>
    public const string Library = "onnxruntime";

    private const string ManagedFile = "Microsoft.ML.OnnxRuntime.dll";

    /// <summary>What is wrong with this process's, or null.</summary>
    public static string? OfThisProcess()
    {
        string folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        var all = folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append(AppContext.BaseDirectory);
        return Trouble(NativeLibraries.Loaded(), all, OperatingSystem.IsWindows() ? Environment.SystemDirectory : null, File.Exists);
    }

    /// <summary>What is wrong, or null.</summary>
    /// <param name="loaded">The files of the native libraries that are loaded.</param>
    /// <param name="folders">The folders in which the application carries its libraries.</param>
    /// <param name="systemFolder">System32; null on other systems than Windows, which have no such copy.</param>
    /// <param name="exists">Whether there is a file.</param>
    public static string? Trouble(IEnumerable<string> loaded, IEnumerable<string> folders, string? systemFolder, Func<string, bool> exists)
    {
        if (systemFolder is null) return null;
        if (NativeLibraries.Find(loaded, Library) is { } path)
            return IsIn(path, systemFolder) ? $"ONNX Runtime was loaded from {path}, {Copy} {Advice}" : null;
        var (own, system) = (folders.ToArray(), In(systemFolder, Library + ".dll"));
        bool asksForIt = own.Any(folder => exists(In(folder, ManagedFile)));
        bool bringsIt = own.Any(folder => exists(In(folder, Library + ".dll")));
        return asksForIt && !bringsIt && exists(system) ? $"ONNX Runtime would be loaded from {system}, {Copy} {Advice}" : null;
    }

    private const string Copy =
        "which is the copy that Windows keeps for Windows ML and not the version that the package Microsoft.ML.OnnxRuntime was made for.";

    private const string Advice = "Bring the application's own: reference the package Microsoft.ML.OnnxRuntime "
        + "in the application's project and build or publish for a runtime (-r win-x64), so that onnxruntime.dll lies beside the program.";

    private static bool IsIn(string path, string folder)
        => Trimmed(path[..^NativeLibraries.FileName(path).Length]).Equals(Trimmed(folder), StringComparison.OrdinalIgnoreCase);

    private static string Trimmed(string folder) => folder.TrimEnd('\\', '/');

    private static string In(string folder, string file) => Trimmed(folder) + (folder.Contains('\\') ? '\\' : '/') + file;
}
