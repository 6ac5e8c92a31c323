using TorchSharp;

namespace Microsoft.ML.SynCse.Tests.Native;

[TestClass]
public sealed class TorchRuntimeTests
{
    [TestMethod]
    public void Torch_computes_on_this_machine()
    {
        TorchRuntime.EnsureAvailable();
        using var sum = torch.ones(2, 2).sum();
        Assert.AreEqual(4f, sum.item<float>());
    }

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    public void An_unknown_device_is_named(string device)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => TorchRuntime.PickDevice(device));
        StringAssert.Contains(error.Message, $"'{device}'");
    }
}
