using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A thousand steps on batches of one shape: resident memory does not grow. And a large batch through gradient caching beside a small one.</summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class TrainingMemoryCampaign
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_thousand_steps_of_one_shape()
    {
        using var start = SentenceEncoder.LoadDefault();
        var rows = Rows(16);
        var resident = new Dictionary<int, long>();
        // On a thread of the pool, as FitAsync has it.
        using var result = await Task.Run(() => ContrastiveTrainer.Train(start, rows, new() { BatchSize = rows.Length, Epochs = 1000, ValidationFraction = 0, Shuffle = false },
            new Inline<TrainingProgress>(p =>
            {
                if (p.Step is not (20 or 50 or 100 or 200 or 400 or 600 or 800 or 1000)) return;
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                resident[p.Step] = Environment.WorkingSet >> 20;
                TestContext.WriteLine($"step {p.Step}: resident {resident[p.Step]} MB, {torch.Tensor.TotalCount} live tensors");
            })));
        Assert.IsLessThan(20, resident[1000] - resident[200]);
    }

    [TestMethod]
    public void A_batch_of_512_through_chunks_of_64_takes_little_more_than_a_batch_of_64()
    {
        long small = PeakOf(new() { BatchSize = 64, Epochs = 1, ValidationFraction = 0 });
        long large = PeakOf(new() { BatchSize = 512, Epochs = 2, ValidationFraction = 0, GradientCacheChunk = 64 });
        TestContext.WriteLine($"peak resident over what was there before: batch 64 {small} MB, batch 512 through chunks of 64 {large} MB ({(double)large / small:f2})");
        Assert.IsLessThan(1.3 * small, large);
    }

    private static long PeakOf(ContrastiveTrainingOptions options)
    {
        using var start = SentenceEncoder.Load(SharedFolder.Path("models/all-MiniLM-L6-v2"));
        var rows = Rows(512);
        long before = Environment.WorkingSet;
        File.WriteAllText("/proc/self/clear_refs", "5");
        ContrastiveTrainer.Train(start, rows, options).Dispose();
        long peak = long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) << 10;
        return (peak - before) >> 20;
    }

    private static TrainingExample[] Rows(int count)
        => [.. File.ReadLines(SharedFolder.Path("data/triplets/nli-triplets.csv")).Skip(1).Where(line => !line.Contains('"')).Select(line => line.Split(',')).Where(parts => parts.Length == 3)
            .Take(count).Select(parts => (TrainingExample)new Triplet(parts[0], parts[1], parts[2]))];
}
