using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Runtime.Versioning;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Loads a mended copy of TorchSharp's native library from memory, on a machine whose libstdc++ is older than the library
/// needs.</summary>
/// <remarks>
/// It runs only after the runtime's own probe has failed, and only if the loader's error names a version that the library names and does
/// not use. On a machine that loads the stock file, and for any other error, it does nothing. Linux on x64 only. It writes no file if the
/// system allows a memory file (<see cref="MemoryImage"/>). The MSBuild property SynCseMendTorchSharp=false switches it off.
/// </remarks>
internal static class TorchSharpMender
{
    internal const string Library = "LibTorchSharp";
    internal const string Switch = "Microsoft.ML.SynCse.MendTorchSharp";

    /// <summary>What libLibTorchSharp.so of TorchSharp 0.107.0 names beyond libstdc++ of GCC 11, and the change that removes the
    /// need.</summary>
    internal static readonly IReadOnlyDictionary<string, Func<byte[], string?>> Repairs = new Dictionary<string, Func<byte[], string?>>
    {
        // GCC 13. A header names its one symbol, ios_base_library_init, but no code does: no relocation uses it.
        ["GLIBCXX_3.4.32"] = image => VersionNeedPatch.Weaken(image, "GLIBCXX_3.4.32"),
        // GCC 12. condition_variable::wait under its new version differs from the old one, which every libstdc++ still has, in not being
        // noexcept.
        ["GLIBCXX_3.4.30"] = image => VersionNeedPatch.Rebind(
            image, "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE", "GLIBCXX_3.4.30", "GLIBCXX_3.4.11"),
    };

    private static readonly string[] _needed = ["c10", "torch_cpu", "torch"];
    private static readonly object _gate = new();
    private static readonly ConditionalWeakTable<AssemblyLoadContext, object> _watched = [];
    private static nint _mended;

    /// <summary>The result, or the reason for having none; null if nothing had to be done. For the doctor and for error messages.</summary>
    public static string? Report { get; private set; }

    /// <summary>Whether this is a system on which it can run.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsForThisSystem => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>False if the application switched it off.</summary>
    public static bool IsSwitchedOn => !AppContext.TryGetSwitch(Switch, out bool on) || on;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Must be in place before the first touch of torch; it only adds an event handler.")]
    internal static void Register() => Watch(typeof(TorchSharpMender).Assembly);

    /// <summary>Handles failed probes in the load context of an assembly: that of this one, and that of TorchSharp, which a plug-in host
    /// may keep apart.</summary>
    internal static void Watch(Assembly assembly)
    {
        if (!IsForThisSystem || !IsSwitchedOn) return;
        var context = AssemblyLoadContext.GetLoadContext(assembly) ?? AssemblyLoadContext.Default;
        if (_watched.TryAdd(context, _gate)) context.ResolvingUnmanagedDll += Resolve;
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (!IsForThisSystem || name != Library || assembly.GetName().Name != "TorchSharp") return 0;
        lock (_gate) // torch probes twice (CPU, then CUDA), and a second copy would have a state of its own
            return _mended != 0 ? _mended : _mended = Find(assembly);
    }

    [SupportedOSPlatform("linux")]
    private static nint Find(Assembly torchSharp)
    {
        if (NativeFiles.Find(Library, torchSharp) is not { } path) return 0;
        foreach (string needed in _needed) // by path, because a copy in memory has no folder of its own beside which they could be found
            if (NativeFiles.Find(needed, torchSharp) is { } file)
                NativeLibrary.TryLoad(file, out _);
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return Mend(path, NativeLoadDiagnostics.LoaderWords(error));
        }
    }

    [SupportedOSPlatform("linux")]
    private static nint Mend(string path, string trouble)
    {
        byte[]? image = null;
        var lacking = new List<string>();
        string? words = trouble;
        while (Repairs.Keys.FirstOrDefault(v => words.Contains($"`{v}'", StringComparison.Ordinal) && !lacking.Contains(v)) is { } version)
        {
            lacking.Add(version);
            image ??= File.ReadAllBytes(path);
            if (Repairs[version](image) is { } refusal)
            {
                Report = $"{path} was left alone: {refusal}";
                return 0;
            }
            nint handle = MemoryImage.Load(image, Library, out words);
            if (handle == 0) continue;
            Report = $"{path} asks for {string.Join(" and ", lacking)}, which this machine's libstdc++ lacks; "
                + $"a mended copy was loaded {words}";
            return handle;
        }
        if (image is not null) Report = $"{path} asks for {string.Join(" and ", lacking)}, and a mended copy of it did not load: {words}";
        return 0;
    }
}
