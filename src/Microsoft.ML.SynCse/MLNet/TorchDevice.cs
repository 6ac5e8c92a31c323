using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>The device that an <see cref="MLContext"/> asks for.</summary>
internal static class TorchDevice
{
    /// <summary>The device that <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c> ask for; the CPU where they ask for nothing.</summary>
    public static torch.Device Pick(IHostEnvironment environment)
    {
        var settings = (IHostEnvironmentInternal)environment;
        return TorchRuntime.PickDevice(null, settings.GpuDeviceId, settings.FallbackToCpu);
    }

    /// <summary>The same as text, for options; null where <c>MLContext.GpuDeviceId</c> is not set.</summary>
    public static string? Name(IHostEnvironment environment)
    {
        if (((IHostEnvironmentInternal)environment).GpuDeviceId is null) return null;
        var device = Pick(environment);
        return device.type == DeviceType.CUDA ? $"cuda:{device.index}" : "cpu";
    }
}
