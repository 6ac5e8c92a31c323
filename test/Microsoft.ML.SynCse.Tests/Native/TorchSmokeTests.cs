using System.Reflection;
using System.Runtime.Versioning;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Runs against both builds of the library: here against net10.0, in Microsoft.ML.SynCse.Net8SmokeTests against net8.0.</summary>
[TestClass]
public sealed class TorchSmokeTests
{
    [TestMethod]
    public void The_build_under_test_is_the_one_for_this_project_s_framework()
    {
        Assert.AreEqual(FrameworkOf(typeof(TorchSmokeTests).Assembly), FrameworkOf(typeof(SentenceEncoder).Assembly));
    }

    [TestMethod]
    public void Torch_computes()
    {
        TorchRuntime.EnsureAvailable();
        using var scope = torch.NewDisposeScope();
        var product = torch.ones(3, 4).matmul(torch.full(4, 2, 0.5f)); // (3, 4) x (4, 2)
        CollectionAssert.AreEqual(new float[] { 2, 2, 2, 2, 2, 2 }, product.data<float>().ToArray());
    }

    private static string? FrameworkOf(Assembly assembly) => assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName;
}
