namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TrainAsyncTests
{
    private static readonly ContrastiveTrainingOptions _quick =
        new() { BatchSize = 8, Epochs = 2, LearningRate = 1e-3, ValidationFraction = 0 };

    [TestMethod]
    public async Task It_gives_what_Train_gives_from_another_thread()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(40);
        using var expected = ContrastiveTrainer.Train(start, rows, _quick);
        var threads = new List<(int Id, bool Pooled)>();
        var progress = new Inline<TrainingProgress>(_ =>
        {
            lock (threads) threads.Add((Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread));
        });
        using var result = await ContrastiveTrainer.TrainAsync(start, rows, _quick, progress);
        CollectionAssert.AreEqual(expected.Steps.Select(s => s.Loss).ToArray(), result.Steps.Select(s => s.Loss).ToArray());
        Assert.AreEqual(0, Golden.WorstDifference(expected.Encoder.Encode(["a cat"]), result.Encoder.Encode(["a cat"])));
        Assert.IsFalse(threads.Distinct().Single().Pooled);
    }

    [TestMethod]
    public async Task A_cancelled_training_ends_the_task_as_cancelled_and_leaves_nothing()
    {
        using var start = TinyEncoder.Load();
        long before = LiveTensors.Settled();
        using var source = new CancellationTokenSource();
        var progress = new Inline<TrainingProgress>(p => { if (p.Step == 2) source.Cancel(); });
        var task = ContrastiveTrainer.TrainAsync(start, TinyEncoder.Triplets(40), _quick, progress, source.Token);
        await Assert.ThrowsAsync<OperationCanceledException>(() => task);
        Assert.AreEqual(TaskStatus.Canceled, task.Status);
        Assert.AreEqual(before, LiveTensors.Settled());
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => ContrastiveTrainer.TrainAsync(start, TinyEncoder.Triplets(40), _quick, cancellationToken: source.Token));
    }

    [TestMethod]
    public async Task Errors_of_Train_are_those_of_the_task_and_a_null_is_refused_at_once()
    {
        using var start = TinyEncoder.Load();
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = ContrastiveTrainer.TrainAsync(null!, []); });
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = ContrastiveTrainer.TrainAsync(start, null!); });
        var bad = await Assert.ThrowsExactlyAsync<ArgumentOutOfRangeException>(
            () => ContrastiveTrainer.TrainAsync(start, TinyEncoder.Triplets(40), new() { Epochs = 0 }));
        StringAssert.Contains(bad.Message, "ContrastiveTrainingOptions.Epochs");
    }
}
