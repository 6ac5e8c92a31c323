using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>bfloat16 beside float32, where the CPU has it; elsewhere the refusal.</summary>
[TestClass]
public sealed class BFloat16Tests
{
    private static readonly SentenceEncoderOptions _half = new() { Precision = Precision.BFloat16 };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void A_cpu_without_it_is_told_so_and_one_with_it_gives_near_vectors()
    {
        if (!BFloat16Support.OfCpu)
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<NotSupportedException>(() => TinyEncoder.Load(options: _half)).Message,
                "SentenceEncoderOptions.Precision is BFloat16, but this CPU");
            using var start = TinyEncoder.Load();
            StringAssert.Contains(
                Assert.ThrowsExactly<NotSupportedException>(()
                => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(8), new() { Precision = Precision.BFloat16 })).Message,
                "ContrastiveTrainingOptions.Precision");
            return;
        }
        using var whole = SentenceEncoder.LoadDefault();
        using var half = SentenceEncoder.LoadDefault(_half);
        string[] sentences = TinyEncoder.Sentences(50);
        var (expected, actual) = (whole.Encode(sentences), half.Encode(sentences));
        double worst = Golden.WorstDifference(expected, actual), least = expected.Zip(actual, (a, b) => VectorMath.Cosine(a, b)).Min();
        TestContext.WriteLine($"worst difference {worst:e1}, least cosine {least:f5}");
        Assert.IsGreaterThan(1e-6, worst, "the same vectors to the last digit were not made in bfloat16");
        Assert.IsGreaterThan(0.999, least);
    }

    [TestMethod]
    public void An_encoder_in_bfloat16_is_saved_and_trained_from_its_float32_weights()
    {
        Require();
        using var folder = new TemporaryFolder();
        long before = LiveTensors.Settled();
        using (var whole = SentenceEncoder.LoadDefault())
        using (var half = SentenceEncoder.LoadDefault(_half))
        {
            var (a, b) = (folder.New("a"), folder.New("b"));
            whole.Save(a);
            half.Save(b);
            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(a, "model.safetensors")), File.ReadAllBytes(Path.Combine(b, "model.safetensors")));
            var rows = TinyEncoder.Triplets(40);
            var options = new ContrastiveTrainingOptions { BatchSize = 20, ValidationFraction = 0 };
            using var fromWhole = ContrastiveTrainer.Train(whole, rows, options);
            using var fromHalf = ContrastiveTrainer.Train(half, rows, options);
            CollectionAssert.AreEqual(fromWhole.Steps.Select(s => s.Loss).ToArray(), fromHalf.Steps.Select(s => s.Loss).ToArray());
            Assert.AreEqual(Precision.BFloat16, fromHalf.Encoder.Options.Precision);
        }
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(8)]
    public void Training_in_bfloat16_follows_training_in_float32(int? cacheChunk)
    {
        Require();
        using var start = SentenceEncoder.LoadDefault();
        var rows = TinyEncoder.Triplets(64);
        TrainingResult Train(Precision precision, long[]? counts = null) => ContrastiveTrainer.Train(start, rows,
            new()
            {
                BatchSize = 16,
                Epochs = 2,
                ValidationFraction = 0,
                Dropout = 0,
                MlmWeight = 0.05,
                LearningRate = 1e-4,
                Precision = precision,
                GradientCacheChunk = cacheChunk
            },
            new Inline<TrainingProgress>(p => { if (counts is not null) counts[p.Step - 1] = torch.Tensor.TotalCount; }));
        LiveTensors.Settled();
        long[] counts = new long[8];
        using var whole = Train(Precision.Float32);
        using var half = Train(Precision.BFloat16, counts);
        Assert.AreEqual(counts[2], counts[7], "live tensors");
        Assert.AreEqual(BFloat16Support.GainOfCpu < 1, half.Summary.Warnings.Any(w => w.Contains("bfloat16", StringComparison.Ordinal)));
        Assert.IsFalse(whole.Summary.Warnings.Any(w => w.Contains("bfloat16", StringComparison.Ordinal)));
        foreach (var (a, b) in whole.Steps.Zip(half.Steps))
        {
            TestContext.WriteLine(
                $"step {a.Step}: loss {a.Loss:f4} and {b.Loss:f4}, gradient norm {a.GradientNorm:f4} and {b.GradientNorm:f4}");
            Assert.AreEqual(a.Loss, b.Loss, 0.02 * a.Loss);
            Assert.AreEqual(a.GradientNorm, b.GradientNorm, 0.1 * a.GradientNorm);
        }
        string[] sentences = TinyEncoder.Sentences(20);
        Assert.IsGreaterThan(
            0.99, whole.Encoder.Encode(sentences).Zip(half.Encoder.Encode(sentences), (a, b) => VectorMath.Cosine(a, b)).Min());
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Every_architecture_computes_and_learns_in_it(string kind)
    {
        Require();
        using var scope = torch.NewDisposeScope();
        using var network = RandomNetwork.Create(kind);
        using var trained = network.Clone(torch.CPU);
        var batch = TokenBatch.Create([[2, 5, 9, 11, 3], [2, 7, 3]], 1, torch.CPU);
        torch.Tensor Last(TransformerNetwork n, Dropout dropout)
            => n.Forward(trained.TokenEmbeddings(batch.Ids.view(-1)), batch, dropout, layer => layer == n.LayerCount)[^1];
        using var generator = new torch.Generator(1);
        foreach (var dropout in new[] { Dropout.None, Dropout.From(0, 1e-15, generator) })
        {
            var (whole, half) = (Last(trained, dropout), Last(trained.InBFloat16(keep: false), dropout));
            Assert.AreEqual(torch.ScalarType.Float32, half.dtype);
            double deviation = whole.sub(half).abs().max().item<float>();
            Assert.IsInRange(1e-6, 0.1, deviation);
            half[0].sum().backward();
        }
        foreach (var (name, tensor) in trained.Weights.Tensors) Assert.IsNotNull(tensor.grad, name);
    }

    public static IEnumerable<object[]> Kinds => RandomNetwork.Kinds.Select(kind => new object[] { kind });

    private static void Require()
    {
        if (!BFloat16Support.OfCpu) Assert.Inconclusive("This CPU has neither AVX512-BF16 nor AMX-BF16.");
    }
}
