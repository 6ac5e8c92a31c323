using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
public sealed class HeapTrimTests
{
    private const int Count = 2000, Floats = 25_000; // 200 MB in pieces that the C library takes from its heap

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Holes_between_tensors_go_back_to_the_system()
    {
        HeapTrim.Run();
        if (!OperatingSystem.IsLinux() || !File.Exists("/proc/self/maps")
            || !File.ReadLines("/proc/self/maps").Any(line => line.EndsWith("libc.so.6", StringComparison.Ordinal)))
            Assert.Inconclusive("Only the GNU C library keeps holes and can be told to give them back.");
        using var scope = torch.NewDisposeScope();
        var tensors = Enumerable.Range(0, Count).Select(_ => torch.ones(Floats)).ToArray();
        for (int i = 0; i < Count; i++)
            if (i % 100 != 0) tensors[i].Dispose();
        long holes = Resident();
        HeapTrim.Run();
        long given = (holes - Resident()) >> 20;
        TestContext.WriteLine($"{given} MB given back");
        Assert.IsGreaterThan(100, given);
        Assert.AreEqual(1f, tensors[100][Floats - 1].item<float>());
    }

    private static long Resident() => Environment.WorkingSet;
}
