using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>What the product needs of an <see cref="MLContext"/> and ML.NET does not show in public.</summary>
internal static class MLNetEnvironment
{
    /// <summary>The environment behind a catalog: the one call that the catalog's extension methods make.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on (<see cref="MLNetSeamCheck"/>).</exception>
    public static IHostEnvironment Of(TransformsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetSeamCheck.EnsureCompatible();
        return CatalogUtils.GetEnvironment(catalog);
    }

    /// <summary>The environment behind <c>mlContext.Data</c>.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on (<see cref="MLNetSeamCheck"/>).</exception>
    public static IHostEnvironment Of(DataOperationsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetSeamCheck.EnsureCompatible();
        return CatalogUtils.GetEnvironment(catalog);
    }

    /// <summary>The environment behind a context. The context is one too, but does not tell of its own <c>CancelExecution()</c>.</summary>
    /// <exception cref="InvalidOperationException">This Microsoft.ML lacks what this assembly was built on (<see cref="MLNetSeamCheck"/>).</exception>
    public static IHostEnvironment Of(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Of(context.Transforms);
    }

    /// <summary>The device that <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c> ask for; the CPU where they ask for nothing.</summary>
    public static torch.Device PickDevice(IHostEnvironment environment)
    {
        var settings = (IHostEnvironmentInternal)environment;
        return TorchRuntime.PickDevice(null, settings.GpuDeviceId, settings.FallbackToCpu);
    }

    /// <summary>The same as text, for options; null where <c>MLContext.GpuDeviceId</c> is not set.</summary>
    public static string? DeviceName(IHostEnvironment environment)
    {
        if (((IHostEnvironmentInternal)environment).GpuDeviceId is null) return null;
        var device = PickDevice(environment);
        return device.type == DeviceType.CUDA ? $"cuda:{device.index}" : "cpu";
    }

    /// <summary>Whether <c>MLContext.CancelExecution()</c> was called.</summary>
    public static bool IsCanceled(IHostEnvironment environment) => environment is ICancelable { IsCanceled: true };
}
