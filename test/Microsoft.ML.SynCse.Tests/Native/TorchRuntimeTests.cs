using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TorchRuntimeTests
{
    [TestMethod]
    [DataRow("gpu")]
    [DataRow("")]
    [DataRow("CPU")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    [DataRow("cuda: 1")]
    [DataRow("cuda:99999999999")]
    public void An_unknown_device_is_named(string device)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => TorchRuntime.PickDevice(device));
        StringAssert.Contains(error.Message, $"'{device}'");
        StringAssert.Contains(error.Message, "'cuda:N'");
    }

    [TestMethod]
    [DataRow(null, null, null)]
    [DataRow(null, 1, 1)]
    [DataRow("cpu", null, null)]
    [DataRow("cpu", 1, null)]
    [DataRow("cuda", null, 0)]
    [DataRow("cuda:3", 1, 3)]
    public void A_device_named_goes_before_that_of_the_context(string? device, int? gpuDeviceId, int? expected)
        => Assert.AreEqual(expected, TorchRuntime.WantedGpu(device, gpuDeviceId));

    [TestMethod]
    public void A_GPU_that_is_there_is_taken() => Assert.IsTrue(TorchRuntime.IsChosen(1, gpuCount: 2, device: null, fallbackToCpu: true));

    [TestMethod]
    public void The_context_falls_back_to_the_CPU_only_where_it_may()
    {
        Assert.IsFalse(TorchRuntime.IsChosen(2, gpuCount: 2, device: null, fallbackToCpu: true));
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => TorchRuntime.IsChosen(2, gpuCount: 2, device: null, fallbackToCpu: false));
        StringAssert.Contains(error.Message, "MLContext.GpuDeviceId 2");
        StringAssert.Contains(error.Message, "GPUs found: 2");
    }

    [TestMethod]
    public void A_device_named_never_falls_back()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => TorchRuntime.IsChosen(0, gpuCount: 0, device: "cuda", fallbackToCpu: true));
        StringAssert.Contains(error.Message, "Device 'cuda'");
        StringAssert.Contains(error.Message, "TorchSharp-cuda-linux");
    }

    [TestMethod]
    public void A_negative_GpuDeviceId_is_no_GPU()
    {
        Assert.IsFalse(TorchRuntime.IsChosen(-1, gpuCount: 2, device: null, fallbackToCpu: true));
        Assert.ThrowsExactly<InvalidOperationException>(() => TorchRuntime.IsChosen(-1, gpuCount: 2, device: null, fallbackToCpu: false));
    }

    [TestMethod]
    public void The_CPU_is_the_device_where_nothing_else_is_asked_for()
    {
        Assert.AreEqual(DeviceType.CPU, TorchRuntime.PickDevice(null).type);
        Assert.AreEqual(DeviceType.CPU, TorchRuntime.PickDevice("cpu", gpuDeviceId: 0).type);
    }
}
