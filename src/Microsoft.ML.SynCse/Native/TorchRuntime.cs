using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>The one place that answers "is there a torch, and on which device do we compute".</summary>
internal static class TorchRuntime
{
    private static readonly Lazy<Exception?> Failure = new(Probe);

    /// <summary>Throws one clear error where no native libtorch loads.</summary>
    /// <exception cref="InvalidOperationException">TorchSharp's native library is missing or does not load.</exception>
    public static void EnsureAvailable()
    {
        if (Failure.Value is { } failure)
            throw new InvalidOperationException(
                "TorchSharp's native library does not load. Reference one native backend in the application: TorchSharp-cpu, TorchSharp-cuda-windows or TorchSharp-cuda-linux, "
                + $"in the version of TorchSharp ({typeof(torch).Assembly.GetName().Version?.ToString(3)})."
                + (TorchSharpMender.Report is { } report ? $" {report}." : ""), failure);
    }

    /// <summary>The device that a text names, or that an ML.NET context asks for.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; null: <paramref name="gpuDeviceId"/> decides.</param>
    /// <param name="gpuDeviceId"><c>MLContext.GpuDeviceId</c>; null: the CPU.</param>
    /// <param name="fallbackToCpu"><c>MLContext.FallbackToCpu</c>: take the CPU where the GPU of <paramref name="gpuDeviceId"/> is not there.</param>
    public static torch.Device PickDevice(string? device, int? gpuDeviceId = null, bool fallbackToCpu = false)
    {
        EnsureAvailable();
        if (device is null && gpuDeviceId is null) return torch.CPU;
        if (device == "cpu") return torch.CPU;
        int index = device is null ? gpuDeviceId!.Value : ParseCuda(device);
        bool found = index >= 0 && torch.cuda.is_available() && index < torch.cuda.device_count();
        if (found) return new torch.Device(DeviceType.CUDA, index);
        if (device is null && fallbackToCpu) return torch.CPU;
        string asked = device is null ? $"MLContext.GpuDeviceId {gpuDeviceId}" : $"Device '{device}'";
        throw new InvalidOperationException(
            $"{asked} asks for a CUDA GPU that is not there: reference TorchSharp-cuda-windows or TorchSharp-cuda-linux instead of TorchSharp-cpu, check the driver, "
            + "or use 'cpu' (or MLContext.FallbackToCpu).");
    }

    private static int ParseCuda(string device)
    {
        if (device == "cuda") return 0;
        if (device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), System.Globalization.NumberStyles.None, null, out int index)) return index;
        throw new ArgumentException($"Device '{device}' is not known: use 'cpu', 'cuda' or 'cuda:N'.", nameof(device));
    }

    private static Exception? Probe()
    {
        try
        {
            using var one = torch.ones(1);
            return null;
        }
        catch (Exception error) when (error is TypeInitializationException or NotSupportedException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            return error;
        }
    }
}
