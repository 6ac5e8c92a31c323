using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Gradient caching against the whole batch at once: the same loss, the same gradients, the same dropout.</summary>
[TestClass]
public sealed class StepGradientTests
{
    private const int Rows = 24, Step = 3;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(0.0, 1, 64)]
    [DataRow(0.0, 5, 64)]
    [DataRow(0.0, 24, 256)]
    [DataRow(0.3, 1, 256)]
    [DataRow(0.3, 1, 64)]
    [DataRow(0.3, 12, 64)]
    [DataRow(0.3, 100, 64)]
    public void Cached_gradients_are_those_of_the_whole_batch(double dropout, int rowsAtOnce, int tokensPerChunk)
    {
        using var start = TinyEncoder.Load();
        var options = new ContrastiveTrainingOptions { Dropout = dropout };
        var (wholeLoss, whole) = Gradients(start, options, tokensPerChunk);
        var (cachedLoss, cached) = Gradients(start, options with { GradientCacheChunk = rowsAtOnce }, tokensPerChunk);
        Assert.AreEqual(wholeLoss, cachedLoss, 1e-6);
        Assert.AreEqual(whole.Count, cached.Count);
        // Attention does not change when every key moves alike, so the keys' bias has a gradient of noise alone.
        double worst = 0, largest = whole.Values.Max(gradient => gradient.Max(Math.Abs));
        foreach (var (name, gradient) in whole)
        {
            double scale = Math.Max(gradient.Max(Math.Abs), largest / 100);
            double deviation = gradient.Zip(cached[name], (a, b) => Math.Abs(a - b)).Max() / scale;
            Assert.IsLessThan(1e-4, deviation, name);
            worst = Math.Max(worst, deviation);
        }
        TestContext.WriteLine($"dropout {dropout}, {rowsAtOnce} rows at once: losses differ by {Math.Abs(wholeLoss - cachedLoss):e1}, "
            + $"gradients by {worst:e1} of the largest");
    }

    [TestMethod]
    public void A_whole_run_through_the_cache_ends_at_the_same_weights()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(400); // a step has several chunks of 1,024 tokens
        var options = new ContrastiveTrainingOptions { BatchSize = 200, Epochs = 3, ValidationFraction = 0, LearningRate = 1e-3 };
        using var whole = ContrastiveTrainer.Train(start, rows, options);
        using var cached = ContrastiveTrainer.Train(start, rows, options with { GradientCacheChunk = 20 });
        foreach (var (a, b) in whole.Steps.Zip(cached.Steps)) Assert.AreEqual(a.Loss, b.Loss, 1e-4 * a.Loss);
        string[] sentences = TinyEncoder.Sentences(10);
        Assert.IsLessThan(1e-4, Golden.WorstDifference(whole.Encoder.Encode(sentences), cached.Encoder.Encode(sentences)));
    }

    [TestMethod]
    public void No_tensor_is_left_behind()
    {
        using var start = TinyEncoder.Load();
        var counts = new List<long>();
        var options = new ContrastiveTrainingOptions
        {
            BatchSize = 12,
            Epochs = 8,
            ValidationFraction = 0,
            GradientCacheChunk = 2,
            MlmWeight = 0.1,
            FalseNegativeThreshold = 0.9,
        };
        long before = LiveTensors.Settled();
        var progress = new Inline<TrainingProgress>(_ => counts.Add(torch.Tensor.TotalCount));
        ContrastiveTrainer.Train(start, TinyEncoder.Triplets(60), options, progress).Dispose();
        Assert.AreEqual(counts[5], counts[^1]);
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    private static (double Loss, Dictionary<string, float[]> Gradients) Gradients(
        SentenceEncoder start, ContrastiveTrainingOptions options, int tokensPerChunk)
    {
        using var model = start.Use(m => m.Clone(m.Device, m.Pooling));
        using var gradient = new StepGradient(model, options, tokensPerChunk);
        var triplets = TinyEncoder.Triplets(Rows);
        int[][] sentences = [.. new Func<TrainingExample, string>[] { t => t.Anchor, t => t.Positives[0], t => t.Negatives[0] }
            .SelectMany(part => triplets.Select(t => model.Tokenizer.Encode(part(t), 32, out _)))];
        var loss = new InfoNceLoss(0.05, 0);
        double value = gradient.Backward(sentences, Rows, Step, vectors => loss.Compute(StepVectors.Of(vectors, Rows, 1)));
        return (value, model.Parameters.ToDictionary(p => p.Key, p => p.Value.grad!.data<float>().ToArray()));
    }
}
