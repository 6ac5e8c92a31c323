using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.SynCse.Core.Encoders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Whether torch is available, and the device to compute on.</summary>
/// <remarks>Code that creates or loads weights calls <see cref="EnsureAvailable"/> first.</remarks>
internal static class TorchRuntime
{
    private static readonly Lazy<Failure?> _failure = new(Probe);
    private static readonly string[] _threadVariables = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>Throws if no native libtorch loads.</summary>
    /// <exception cref="InvalidOperationException">TorchSharp's native library is missing or does not load; the message says why and what
    /// to do.</exception>
    public static void EnsureAvailable()
    {
        if (_failure.Value is { } failure) throw new InvalidOperationException(failure.Message, failure.Cause);
    }

    /// <summary>The device that a text names, or that of an ML.NET context.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>: this device or an error; null: <paramref name="gpuDeviceId"/>
    /// decides.</param>
    /// <param name="gpuDeviceId"><c>MLContext.GpuDeviceId</c>; null: the CPU.</param>
    /// <param name="fallbackToCpu"><c>MLContext.FallbackToCpu</c>: use the CPU if the GPU of <paramref name="gpuDeviceId"/> does not
    /// exist.</param>
    /// <exception cref="ArgumentException">The text names no device.</exception>
    /// <exception cref="InvalidOperationException">The GPU does not exist, or no native libtorch loads.</exception>
    public static torch.Device PickDevice(string? device, int? gpuDeviceId = null, bool fallbackToCpu = false)
    {
        int? index = WantedGpu(device, gpuDeviceId);
        EnsureAvailable();
        if (index is null) return torch.CPU;
        return IsChosen(index.Value, GpuCount(), device, fallbackToCpu) ? new torch.Device(DeviceType.CUDA, index.Value) : torch.CPU;
    }

    /// <summary>The index of the wanted GPU, or null for the CPU.</summary>
    internal static int? WantedGpu(string? device, int? gpuDeviceId)
    {
        if (device is null) return gpuDeviceId;
        if (device == "cpu") return null;
        if (device == "cuda") return 0;
        if (device.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            return index;
        }
        throw new ArgumentException($"Device '{device}' is not known: use 'cpu', 'cuda' or 'cuda:N'.", nameof(device));
    }

    /// <summary>True: the GPU of this index; false: the CPU in its place.</summary>
    internal static bool IsChosen(int index, int gpuCount, string? device, bool fallbackToCpu)
    {
        if (index >= 0 && index < gpuCount) return true;
        if (device is null && fallbackToCpu) return false;
        string wanted = device is null ? $"MLContext.GpuDeviceId {index}" : $"Device '{device}'";
        throw new InvalidOperationException(
            $"{wanted} asks for a CUDA GPU that is not there (GPUs found: {gpuCount}): reference TorchSharp-cuda-windows or "
            + "TorchSharp-cuda-linux instead of TorchSharp-cpu and check the driver, "
            + (device is null ? "or set MLContext.FallbackToCpu or leave GpuDeviceId null." : "or use 'cpu'."));
    }

    private static int GpuCount() => torch.cuda.is_available() ? torch.cuda.device_count() : 0;

    private static Failure? Probe()
    {
        var torchSharp = typeof(torch).Assembly;
        TorchSharpMender.Watch(torchSharp);
        // Before the static constructor of torch, which on failure copies some 600 MB out of the package cache and blames a missing
        // reference.
        if (!NativeFiles.IsInPackageCache(torchSharp) && TryLoad(torchSharp) is { } trouble) return trouble;
        try
        {
            using var one = torch.ones(1);
            KeepToCpus();
            return null;
        }
        catch (Exception error) when (error is TypeInitializationException or NotSupportedException or DllNotFoundException
            or BadImageFormatException or EntryPointNotFoundException)
        {
            return new(NativeLoadDiagnostics.Describe(torchSharp, error), error);
        }
    }

    // Torch counts the machine's CPUs, also where a container may use only some of them; its threads would then be stopped again and again
    // until the next period of the quota. Whoever sets the number by a variable means it.
    private static void KeepToCpus()
    {
        bool isChosen = _threadVariables.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });
        if (!isChosen && torch.get_num_threads() > CpuBudget.Cpus) torch.set_num_threads(CpuBudget.Cpus);
    }

    // The same libraries in the same order as torch's static constructor takes them.
    private static Failure? TryLoad(Assembly torchSharp)
    {
        try
        {
            NativeLibrary.TryLoad("torch_cpu", torchSharp, null, out _);
            bool loads = NativeLibrary.TryLoad(TorchSharpMender.Library, torchSharp, null, out _);
            return loads ? null : new(NativeLoadDiagnostics.Describe(torchSharp), null);
        }
        catch (DllNotFoundException error) // a plug-in host's load context that looks for natives itself
        {
            return new(NativeLoadDiagnostics.Describe(torchSharp, error), error);
        }
    }

    private sealed record Failure(string Message, Exception? Cause);
}
