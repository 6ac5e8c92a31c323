using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Says in one message why the native backend does not load and what to do.</summary>
internal static class BackendTrouble
{
    /// <summary>The message for an application whose native backend did not load.</summary>
    /// <param name="torchSharp">The managed TorchSharp.</param>
    /// <param name="error">What the runtime or TorchSharp said, where there is something.</param>
    public static string Describe(Assembly torchSharp, Exception? error = null)
    {
        var version = typeof(torch).Assembly.GetName().Version?.ToString(3);
        if (NativeFiles.Find("torch_cpu", torchSharp) is null || NativeFiles.Find(TorchSharpMender.Library, torchSharp) is not { } path)
            return $"No native libtorch lies beside the application for {RuntimeInformation.RuntimeIdentifier}. Reference one native backend in the application's project: TorchSharp-cpu, "
                + $"TorchSharp-cuda-windows or TorchSharp-cuda-linux, in the version of TorchSharp ({version}).";
        var words = LoaderWords(path) ?? error?.Message ?? "the loader gave no reason";
        return Describe(path, words, TorchSharpMender.IsSwitchedOn, TorchSharpMender.Report);
    }

    internal static string Describe(string path, string words, bool mending, string? report)
    {
        if (TorchSharpMender.Repairs.Keys.FirstOrDefault(v => words.Contains($"`{v}'", StringComparison.Ordinal)) is not { } version)
            return $"TorchSharp's native library does not load: {path}: {words}.";
        return $"TorchSharp's native library does not load: {path} needs {version}, which the libstdc++ of this machine is too old to have (loader: {words}). "
            + (mending ? $"The library mends this by itself where it can; here it could not: {report ?? "the host's own load context looks for native libraries and did not ask"}. Use" : "Leave the MSBuild property SynCseMendTorchSharp unset (it is false), so that the library mends this by itself, or use")
            + " a distribution with libstdc++ of GCC 13 or newer (Debian 13, Ubuntu 24.04, RHEL 10).";
    }

    /// <summary>What the system's loader said: the last line, after the runtime's own advice.</summary>
    internal static string LoaderWords(Exception error) => error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

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
