using Microsoft.ML.SynCse.Native;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
public sealed class MemoryReleaseTests
{
    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(1, 24)]
    [DataRow(10, 2)]
    [DataRow(null, 2)]
    public void Memory_is_given_back_every_so_many_steps_by_default_ten_and_never_where_that_is_asked_for(int? every, int expected)
    {
        using var start = TinyEncoder.Load();
        var options = new ContrastiveTrainingOptions { BatchSize = 4, ValidationFraction = 0, Epochs = 4 };
        if (every is { } steps) options = options with { ReleaseMemoryEvery = steps };
        int before = HeapTrim.Runs;
        using var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(24), options);
        Assert.HasCount(24, result.Steps);
        Assert.AreEqual(expected, HeapTrim.Runs - before);
    }
}
