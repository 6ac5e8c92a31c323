using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TrainingOptionTests
{
    public static IEnumerable<(string Option, ContrastiveTrainingOptions Options)> OutOfRange =>
    [
        ("Epochs", new() { Epochs = 0 }), ("BatchSize", new() { BatchSize = 1 }), ("LearningRate", new() { LearningRate = 0 }),
        ("LearningRate", new() { LearningRate = double.NaN }), ("WarmupSteps", new() { WarmupSteps = -1 }),
        ("WeightDecay", new() { WeightDecay = -0.1 }), ("MaxGradientNorm", new() { MaxGradientNorm = 0 }),
        ("Temperature", new() { Temperature = 0 }), ("Temperature", new() { Temperature = double.NaN }),
        ("HardNegativeWeight", new() { HardNegativeWeight = double.PositiveInfinity }), ("MlmWeight", new() { MlmWeight = -1 }),
        ("Dropout", new() { Dropout = 1 }), ("MaxSequenceLength", new() { MaxSequenceLength = 2 }),
        ("Pooling", new() { Pooling = (Pooling)9 }), ("ProjectionHead", new() { ProjectionHead = (ProjectionHead)9 }),
        ("ValidationFraction", new() { ValidationFraction = 1 }), ("EvaluateEvery", new() { EvaluateEvery = -1 }),
        ("CheckpointEvery", new() { CheckpointEvery = -1 }), ("CheckpointEvery", new() { CheckpointEvery = 5 }),
        ("CheckpointFolder", new() { CheckpointFolder = " " }), ("Precision", new() { Precision = (Precision)9 }),
        ("CheckpointsToKeep", new() { CheckpointsToKeep = 0 }), ("EarlyStoppingPatience", new() { EarlyStoppingPatience = -1 }),
        ("GradientCacheChunk", new() { GradientCacheChunk = 0 }), ("FalseNegativeThreshold", new() { FalseNegativeThreshold = 2 }),
        ("LogFile", new() { LogFile = " " }),
    ];

    [TestMethod]
    [DynamicData(nameof(OutOfRange))]
    public void An_option_out_of_its_range_is_named(string option, ContrastiveTrainingOptions options)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(options.Validate);
        StringAssert.Contains(error.Message, $"ContrastiveTrainingOptions.{option} must be");
    }

    [TestMethod]
    public void Every_public_property_is_in_the_table_with_its_own_value()
    {
        var properties = typeof(ContrastiveTrainingOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        CollectionAssert.AreEquivalent(properties.Select(p => p.Name).ToArray(), TrainingOption.All.Select(o => o.Name).ToArray());
        var changed = new ContrastiveTrainingOptions
        {
            Epochs = 901,
            BatchSize = 902,
            LearningRate = 0.903,
            WarmupSteps = 904,
            WeightDecay = 0.905,
            MaxGradientNorm = 0.906,
            Temperature = 0.907,
            HardNegativeWeight = 0.908,
            MlmWeight = 0.909,
            Dropout = 0.910,
            MaxSequenceLength = 911,
            Pooling = Pooling.Max,
            ProjectionHead = ProjectionHead.Mlp,
            Shuffle = false,
            Seed = 912,
            DropLastBatch = false,
            GradientCacheChunk = 913,
            ReleaseMemoryEvery = 914,
            Precision = Precision.BFloat16,
            FalseNegativeThreshold = 0.915,
            AvoidDuplicatesInBatch = false,
            ValidationFraction = 0.916,
            KeepStartIfWorse = false,
            EvaluateEvery = 917,
            Evaluator = new SentenceSimilarityEvaluator([new("a", "b", 1), new("c", "d", 2)]),
            EarlyStoppingPatience = 918,
            CheckpointFolder = "a folder",
            CheckpointEvery = 919,
            CheckpointsToKeep = 920,
            Resume = false,
            Device = "a device",
            LogFile = "a file",
            Logger = NullLogger.Instance,
        };
        foreach (var property in properties)
        {
            var option = TrainingOption.Find(property.Name)!;
            var (value, standard) = (property.GetValue(changed), property.GetValue(new ContrastiveTrainingOptions()));
            Assert.AreNotEqual(standard, value, $"the value of {property.Name} in this test");
            if (value is IEncoderEvaluator evaluator)
                Assert.AreEqual($"SentenceSimilarityEvaluator ({evaluator.Fingerprint})", option.Text(changed));
            else Assert.AreEqual(Convert.ToString(value, CultureInfo.InvariantCulture), option.Text(changed), property.Name);
        }
    }

    [TestMethod]
    public void The_table_decides_what_is_saved_what_makes_another_run_and_what_the_card_prints()
    {
        string[] Without(Func<TrainingOption, bool> has) => [.. TrainingOption.All.Where(o => !has(o)).Select(o => o.Name)];
        CollectionAssert.AreEquivalent(new[] { "CheckpointFolder", "LogFile", "Logger" }, Without(o => o.IsSaved));
        // Checkpoints of earlier versions hold these names, or not: another set would refuse them.
        CollectionAssert.AreEquivalent(
            new[]
            {
                "CheckpointEvery", "CheckpointsToKeep", "Resume", "KeepStartIfWorse", "EarlyStoppingPatience", "GradientCacheChunk",
                "ReleaseMemoryEvery", "CheckpointFolder", "LogFile", "Logger",
            },
            Without(o => o.ChangesWeights));
        CollectionAssert.AreEquivalent(new[] { "CheckpointEvery", "CheckpointsToKeep", "Resume", "Device" }, Without(o => o.IsOnCard));
        foreach (var option in TrainingOption.All) Assert.AreEqual(option.Text(new()), option.Default, option.Name);
        CollectionAssert.AreEqual(
            TrainingOption.All.Where(o => o.IsSaved).Select(o => o.Name).Order(StringComparer.Ordinal).ToArray(),
            new ContrastiveTrainingOptions().Describe().Keys.ToArray());
    }

    [TestMethod]
    public void The_papers_settings_are_the_papers()
    {
        var options = ContrastiveTrainingOptions.SynCse();
        Assert.AreEqual((3, 512, 5e-5, Pooling.Cls, ProjectionHead.Mlp, 0.1, 25, 0.05, 32),
            (options.Epochs, options.BatchSize, options.LearningRate, options.Pooling!.Value, options.ProjectionHead, options.MlmWeight,
                options.EvaluateEvery, options.Temperature, options.MaxSequenceLength));
        Assert.AreEqual(1e-5, ContrastiveTrainingOptions.SynCse(large: true).LearningRate);
        options.Validate();
    }

    [TestMethod]
    public void Rows_that_cannot_be_trained_on_are_refused_with_the_reason()
    {
        var a = new TrainingExample("a", "b", "c");
        Assert.Contains("no training examples", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([])).Message);
        Assert.Contains("at least 2", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a])).Message);
        Assert.Contains(
            "0 have it",
            Assert.ThrowsExactly<ArgumentException>(
                () => TrainingSet.Create([new TrainingExample(" ", "", ""), new TrainingExample("", "", "")])).Message);
        Assert.Contains(
            "examples[1]",
            Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, new TrainingExample("a", ["b"], [])])).Message);
        Assert.Contains(
            "no Positives",
            Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([new("a", [], ["b"]), new("a", [], ["b"])])).Message);
        Assert.Contains("Weight", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, a with { Weight = -1 }])).Message);
        Assert.Contains(
            "Weight 0", Assert.ThrowsExactly<ArgumentException>(
                () => TrainingSet.Create([a with { Weight = 0 }, a with { Weight = 0 }])).Message);
        foreach (var missing in new TrainingExample[] { null!, new("a", null!, []), new("a", [], null!) })
        {
            Assert.Contains("examples[0]", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([missing, a])).Message);
            Assert.Contains("examples[1]", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, missing])).Message);
        }
        Assert.Contains(
            "2 Positives", Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([a, new("a", ["b", "c"], ["d"])])).Message);
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
            => StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentException>(() => ContrastiveTrainer.Train(start, rows, options)).Message,
                $"ContrastiveTrainingOptions.{option} needs");
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
        StringAssert.Contains(
            Warnings([.. distinct.Select((row, i) => i % 2 == 0 ? row with { Anchor = "one anchor" } : row)]).Single(), "15 times");
    }
}
