using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.SynCse;

/// <summary>Loads TorchSharp's native library from memory, mended, where the stock file cannot load because libstdc++ is older than it asks for.</summary>
/// <remarks>
/// The handler runs only after the runtime's own probe has failed, so a machine where the stock file loads never gets here. Nothing is
/// written to disk: the mended copy lives in an anonymous memory file (memfd_create), which works without root and in a read-only container.
/// The libraries it needs are loaded by path first, because the copy has no folder of its own beside which the loader could find them.
/// </remarks>
internal static partial class TorchSharpMender
{
    private const string Library = "LibTorchSharp";
    private const string FileName = "libLibTorchSharp.so";
    private const string Version = "GLIBCXX_3.4.32";
    private const string Switch = "Microsoft.ML.SynCse.MendTorchSharp";
    private static readonly string[] Needed = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>What was done or why nothing was; for the doctor and for error messages.</summary>
    public static string? Report { get; private set; }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Must be in place before the first touch of torch; it only adds an event handler.")]
    internal static void Register()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        if (AppContext.TryGetSwitch(Switch, out bool enabled) && !enabled)
        {
            Report = "mending is switched off (SynCseMendTorchSharp=false)";
            return;
        }
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (name != Library || assembly.GetName().Name != "TorchSharp") return 0;
        if (Find(FileName, assembly) is not { } path)
        {
            Report = $"{FileName} is not beside the application";
            return 0;
        }
        var image = File.ReadAllBytes(path);
        if (VersionNeedPatch.Apply(image, Version) is { } refusal)
        {
            Report = $"{path} was left alone: {refusal}";
            return 0;
        }
        foreach (var needed in Needed)
            if (Find(needed, assembly) is { } file)
                NativeLibrary.TryLoad(file, out _);
        return Load(image, path);
    }

    private static nint Load(byte[] image, string path)
    {
        int descriptor = MemfdCreate(Library, 1 /* MFD_CLOEXEC */);
        if (descriptor < 0)
        {
            Report = $"{path} needs {Version} and no memory file could be made for a mended copy (error {Marshal.GetLastPInvokeError()})";
            return 0;
        }
        using (var file = new SafeFileHandle(descriptor, ownsHandle: true))
        {
            RandomAccess.Write(file, image, 0);
            bool loaded = NativeLibrary.TryLoad($"/proc/self/fd/{descriptor}", out nint handle);
            Report = loaded ? $"{path} needs {Version}, which this machine's libstdc++ lacks; a mended copy was loaded from memory"
                : $"{path} needs {Version}; its mended copy did not load either";
            return loaded ? handle : 0;
        }
    }

    private static string? Find(string fileName, Assembly assembly)
    {
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"));
        return folders.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);
}
