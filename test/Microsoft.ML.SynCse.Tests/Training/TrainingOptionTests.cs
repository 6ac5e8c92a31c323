using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TrainingRulesTests
{
    public static IEnumerable<(string Option, ContrastiveTrainingOptions Options)> OutOfRange =>
    [
        ("Epochs", new() { Epochs = 0 }), ("BatchSize", new() { BatchSize = 1 }), ("LearningRate", new() { LearningRate = 0 }), ("LearningRate", new() { LearningRate = double.NaN }),
        ("WarmupSteps", new() { WarmupSteps = -1 }), ("WeightDecay", new() { WeightDecay = -0.1 }), ("MaxGradientNorm", new() { MaxGradientNorm = 0 }),
        ("Temperature", new() { Temperature = 0 }), ("Temperature", new() { Temperature = double.NaN }), ("HardNegativeWeight", new() { HardNegativeWeight = double.PositiveInfinity }),
        ("MlmWeight", new() { MlmWeight = -1 }), ("Dropout", new() { Dropout = 1 }), ("MaxSequenceLength", new() { MaxSequenceLength = 2 }), ("Pooling", new() { Pooling = (Pooling)9 }),
        ("ProjectionHead", new() { ProjectionHead = (ProjectionHead)9 }), ("ValidationFraction", new() { ValidationFraction = 1 }), ("EvaluateEvery", new() { EvaluateEvery = -1 }),
        ("CheckpointEvery", new() { CheckpointEvery = -1 }), ("CheckpointEvery", new() { CheckpointEvery = 5 }), ("CheckpointFolder", new() { CheckpointFolder = " " }),
        ("Precision", new() { Precision = (Precision)9 }), ("CheckpointsToKeep", new() { CheckpointsToKeep = 0 }), ("EarlyStoppingPatience", new() { EarlyStoppingPatience = -1 }),
        ("GradientCacheChunk", new() { GradientCacheChunk = 0 }), ("FalseNegativeThreshold", new() { FalseNegativeThreshold = 2 }), ("LogFile", new() { LogFile = " " }),
    ];

    [TestMethod]
    [DynamicData(nameof(OutOfRange))]
    public void An_option_out_of_its_range_is_named(string option, ContrastiveTrainingOptions options)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(options.Validate);
        StringAssert.Contains(error.Message, $"ContrastiveTrainingOptions.{option} must be");
    }

    [TestMethod]
    public void The_papers_settings_are_the_papers()
    {
        var options = ContrastiveTrainingOptions.SynCse();
        Assert.AreEqual((3, 512, 5e-5, Pooling.Cls, ProjectionHead.Mlp, 0.1, 25, 0.05, 32),
            (options.Epochs, options.BatchSize, options.LearningRate, options.Pooling!.Value, options.ProjectionHead, options.MlmWeight, options.EvaluateEvery, options.Temperature, options.MaxSequenceLength));
        Assert.AreEqual(1e-5, ContrastiveTrainingOptions.SynCse(large: true).LearningRate);
        options.Validate();
    }

    [TestMethod]
    public void Rows_that_cannot_be_trained_on_are_refused_with_the_reason()
    {
        TrainingExample a = new TrainingExample("a", "b", "c");
        Assert.Contains("no training examples", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([])).Message);
        Assert.Contains("at least 2", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a])).Message);
        Assert.Contains("0 have it", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([new TrainingExample(" ", "", ""), new TrainingExample("", "", "")])).Message);
        Assert.Contains("examples[1]", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, new TrainingExample("a", ["b"], [])])).Message);
        Assert.Contains("no Positives", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([new("a", [], ["b"]), new("a", [], ["b"])])).Message);
        Assert.Contains("Weight", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, a with { Weight = -1 }])).Message);
        Assert.Contains("Weight 0", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a with { Weight = 0 }, a with { Weight = 0 }])).Message);
        foreach (var missing in new TrainingExample[] { null!, new("a", null!, []), new("a", [], null!) })
        {
            Assert.Contains("examples[0]", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([missing, a])).Message);
            Assert.Contains("examples[1]", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, missing])).Message);
        }
        Assert.Contains("2 Positives", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, new("a", ["b", "c"], ["d"])])).Message);
    }

    [TestMethod]
    public void Options_that_would_do_nothing_are_refused_before_a_tensor_is_made()
    {
        using var start = TinyEncoder.Load();
        TrainingExample[] pairs = [.. TinyEncoder.Triplets(20).Select(t => t with { Negatives = [] })];
        long before = LiveTensors.Settled();
        Refuses("HardNegativeWeight", pairs, new() { BatchSize = 4, HardNegativeWeight = 1 });
        Refuses("EarlyStoppingPatience", pairs, new() { BatchSize = 4, ValidationFraction = 0, EarlyStoppingPatience = 2 });
        Assert.AreEqual(before, torch.Tensor.TotalCount);

        void Refuses(string option, TrainingExample[] rows, ContrastiveTrainingOptions options)
            => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ContrastiveTrainer.Train(start, rows, options)).Message, $"ContrastiveTrainingOptions.{option} needs");
    }

    [TestMethod]
    public void Rows_that_no_batch_could_keep_apart_are_told_of()
    {
        using var start = TinyEncoder.Load();
        var distinct = TinyEncoder.Triplets(40);
        string[] Warnings(TrainingExample[] rows)
        {
            using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 8, ValidationFraction = 0 });
            return [.. result.Summary.Warnings.Where(w => w.Contains("met its own texts", StringComparison.Ordinal))];
        }
        Assert.IsEmpty(Warnings(distinct));
        // Twenty rows of one anchor in five batches.
        StringAssert.Contains(Warnings([.. distinct.Select((row, i) => i % 2 == 0 ? row with { Anchor = "one anchor" } : row)]).Single(), "15 times");
    }
}
