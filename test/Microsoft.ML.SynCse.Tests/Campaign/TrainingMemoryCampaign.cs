using System.Globalization;
using Microsoft.ML.SynCse.Bench;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A thousand steps on batches of one shape: resident memory does not grow. And a large batch through gradient caching beside a
/// small one.</summary>
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
        long[] sum = new long[10], end = new long[10];
        // On a thread of the pool, as FitAsync has it.
        using var result =
            await Task.Run(()
            => ContrastiveTrainer.Train(
            start, rows, new() { BatchSize = rows.Length, Epochs = 1000, ValidationFraction = 0, Shuffle = false },
            new Inline<TrainingProgress>(p =>
            {
                end[(p.Step - 1) / 100] = Environment.WorkingSet >> 20;
                sum[(p.Step - 1) / 100] += Environment.WorkingSet >> 20;
            })));
        for (int i = 0; i < sum.Length; i++) TestContext.WriteLine(
            $"steps {100 * i + 1} to {100 * (i + 1)}: resident {sum[i] / 100} MB on average, {end[i]} MB after the last");
        // The average of a hundred steps, not one step's: memory falls when holes are given back, and rises between.
        Assert.IsLessThan(20, (sum[9] - sum[1]) / 100);
    }

    [TestMethod]
    public void A_batch_of_512_through_chunks_of_64_takes_little_more_than_a_batch_of_64()
    {
        using var start = SentenceEncoder.Load(SharedFolder.Path("models/all-MiniLM-L6-v2"));
        var rows = Rows(512);
        // What was there before both is left out of both: what the first run leaves behind in the process counts against the second.
        long before = Environment.WorkingSet;
        long small = PeakOf(start, rows, new() { BatchSize = 64, Epochs = 1, ValidationFraction = 0 });
        long large = PeakOf(start, rows, new() { BatchSize = 512, Epochs = 2, ValidationFraction = 0, GradientCacheChunk = 64 });
        long whole = PeakOf(start, rows, new() { BatchSize = 512, Epochs = 2, ValidationFraction = 0 });
        double ratio = (double)(large - before) / (small - before);
        TestContext.WriteLine(
            $"resident before {before >> 20} MB; peaks: batch 64 {small >> 20} MB, batch 512 through chunks of 64 {large >> 20} MB "
            + $"({ratio:f2} times, without what was there before), batch 512 at once {whole >> 20} MB");
        Assert.IsLessThan(1.3, ratio);
    }

    private static long PeakOf(SentenceEncoder start, TrainingExample[] rows, ContrastiveTrainingOptions options)
    {
        File.WriteAllText("/proc/self/clear_refs", "5");                                                // the peak begins anew
        ContrastiveTrainer.Train(start, rows, options).Dispose();
        return long.Parse(
            File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    private static TrainingExample[] Rows(int count)
        => [.. DataFiles.Triplets(SharedFolder.Path("data/triplets/nli-triplets.csv")).Take(count)];
}
