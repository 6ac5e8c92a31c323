using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ContrastiveTrainerTests
{
    private static readonly ContrastiveTrainingOptions _quick =
        new() { BatchSize = 8, Epochs = 2, LearningRate = 1e-3, ValidationFraction = 0.2 };

    [TestMethod]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(60);
        float[][] Vectors(int seed)
        {
            using var result = ContrastiveTrainer.Train(
                start, rows, new() { BatchSize = 8, Seed = seed, LearningRate = 1e-3, KeepStartIfWorse = false });
            return result.Encoder.Encode(TinyEncoder.Sentences(5, 99));
        }

        float[][] first = Vectors(1);
        Assert.AreEqual(0, Golden.WorstDifference(first, Vectors(1)));
        Assert.IsGreaterThan(1e-4, Golden.WorstDifference(first, Vectors(2)));
    }

    [TestMethod]
    public void Two_trainings_at_once_do_not_disturb_each_other()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(60);
        var options = new ContrastiveTrainingOptions { BatchSize = 8, LearningRate = 1e-3, KeepStartIfWorse = false };
        double[] Losses()
        {
            using var result = ContrastiveTrainer.Train(start, rows, options);
            return [.. result.Steps.Select(s => s.Loss)];
        }

        double[] alone = Losses();
        double[][] together = new double[3][];
        Parallel.For(0, 3, i => together[i] = Losses());
        foreach (double[] losses in together) CollectionAssert.AreEqual(alone, losses);
    }

    [TestMethod]
    public void Training_lowers_the_loss_and_leaves_the_start_encoder_as_it_was()
    {
        using var start = TinyEncoder.Load();
        string[] probe = TinyEncoder.Sentences(5, 99);
        float[][] before = start.Encode(probe);
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(80), new() { BatchSize = 16, Epochs = 10, LearningRate = 3e-3, KeepStartIfWorse = false });
        Assert.IsLessThan(result.Steps.Take(4).Average(s => s.Loss) * 0.8, result.Steps.TakeLast(4).Average(s => s.Loss));
        Assert.AreEqual(0, Golden.WorstDifference(before, start.Encode(probe)));
        Assert.IsGreaterThan(1e-3, Golden.WorstDifference(before, result.Encoder.Encode(probe)));
    }

    [TestMethod]
    public void Every_step_is_reported_and_held_out_rows_are_scored_before_and_after()
    {
        using var start = TinyEncoder.Load();
        var reports = new List<TrainingProgress>();
        using var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(50), _quick, new Inline<TrainingProgress>(reports.Add));
        Assert.HasCount(10, reports);
        CollectionAssert.AreEqual(Enumerable.Range(1, 10).ToArray(), reports.Select(r => r.Step).ToArray());
        Assert.IsTrue(reports.All(r => r is { TotalSteps: 10, TokensPerSecond: > 0, GradientNorm: > 0, LearningRate: > 0 }));
        CollectionAssert.AreEqual(new[] { 5, 10 }, reports.Where(r => r.Score is not null).Select(r => r.Step).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 5, 10 }, result.Summary.Evaluations.Select(e => e.Step).ToArray());
        Assert.AreEqual(10, result.Summary.HeldOutExamples);
        CollectionAssert.IsSubsetOf(
            new[] { "Score", "TripletAccuracy", "MeanMargin", "Alignment", "Uniformity" },
            result.Summary.Evaluations[0].Metrics.Keys.ToArray());
    }

    [TestMethod]
    public void The_best_evaluated_step_is_returned()
    {
        using var start = TinyEncoder.Load();
        var evaluator = new ListEvaluator([0.1, 0.5, 0.9, 0.3, 0.2]);
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(32), new() { BatchSize = 8, LearningRate = 1e-2, EvaluateEvery = 1, Evaluator = evaluator });
        Assert.AreEqual(2, result.Summary.BestStep);
        Assert.AreEqual(0, Golden.WorstDifference(evaluator.Seen[2], result.Encoder.Encode(ListEvaluator.Probe)));
        Assert.IsGreaterThan(0, Golden.WorstDifference(evaluator.Seen[4], result.Encoder.Encode(ListEvaluator.Probe)));
    }

    [TestMethod]
    public void A_worse_encoder_gives_way_to_the_start_unless_it_is_wanted()
    {
        using var start = TinyEncoder.Load();
        using var kept = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(32), new() { BatchSize = 8, Evaluator = new ListEvaluator([0.9, 0.5]) });
        Assert.AreEqual(0, kept.Summary.BestStep);
        Assert.IsTrue(kept.Summary.KeptStart);
        Assert.IsTrue(kept.Summary.Warnings.Any(w => w.Contains("KeepStartIfWorse", StringComparison.Ordinal)));
        Assert.AreEqual(0, Golden.WorstDifference(start.Encode(ListEvaluator.Probe), kept.Encoder.Encode(ListEvaluator.Probe)));

        using var wanted = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(32), new() { BatchSize = 8, Evaluator = new ListEvaluator([0.9, 0.5]), KeepStartIfWorse = false });
        Assert.AreEqual(4, wanted.Summary.BestStep);
    }

    [TestMethod]
    public void Anchors_alone_train_by_two_dropout_passes()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Sentences(40).Select(s => new TrainingExample(s, [], [])).ToArray();
        using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 8, Epochs = 10, LearningRate = 3e-3 });
        Assert.AreEqual(TrainingMode.Unsupervised, result.Summary.Mode);
        Assert.IsGreaterThan(0, result.Steps[0].Loss);
        Assert.IsLessThan(result.Steps.Take(5).Average(s => s.Loss) * 0.9, result.Steps.TakeLast(5).Average(s => s.Loss));
        StringAssert.Contains(result.Summary.Warnings.Single(), "Evaluator");
    }

    [TestMethod]
    public void Anchors_alone_without_dropout_are_refused()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Sentences(40).Select(s => new TrainingExample(s, [], [])).ToArray();
        var error = Assert.ThrowsExactly<ArgumentException>(() => ContrastiveTrainer.Train(start, rows, new() { Dropout = 0 }));
        StringAssert.Contains(error.Message, "Dropout");
    }

    [TestMethod]
    public void A_fresh_head_stays_in_the_tuned_encoder()
    {
        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(20),
            new() { BatchSize = 8, Pooling = Pooling.Cls, ProjectionHead = ProjectionHead.Mlp, KeepStartIfWorse = false });
        Assert.AreEqual(Pooling.Cls, result.Encoder.Pooling);
        Assert.AreEqual(1, result.Encoder.Use(model => model.Heads.Count));
        Assert.IsTrue(result.Encoder.Encode(["a cat"])[0].All(x => Math.Abs(x) <= 1));
    }

    [TestMethod]
    public void Rows_with_an_empty_text_are_left_out_and_counted()
    {
        using var start = TinyEncoder.Load();
        TrainingExample[] rows =
            [.. TinyEncoder.Triplets(20), new TrainingExample("a cat", " ", "a dog"), new TrainingExample("", "a cat", "a dog")];
        using var result = ContrastiveTrainer.Train(start, rows, _quick);
        Assert.AreEqual(2, result.Summary.SkippedExamples);
        Assert.IsTrue(result.Summary.Warnings.Any(w => w.StartsWith("2 of 22", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Sentences_over_the_training_length_are_counted()
    {
        using var start = TinyEncoder.Load();
        string longText = string.Join(' ', Enumerable.Repeat("cat", 30));
        TrainingExample[] rows = [.. TinyEncoder.Triplets(20), new TrainingExample("a cat", longText, "a dog")];
        using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 8, MaxSequenceLength = 16, ValidationFraction = 0 });
        Assert.AreEqual(1, result.Summary.TruncatedSentences);
    }

    [TestMethod]
    public void The_loss_is_the_mean_of_the_rows_losses_by_their_weights()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(4);
        double Loss(params float[] weights)
        {
            using var result = ContrastiveTrainer.Train(
                start, [.. rows.Select((row, i) => row with { Weight = weights[i] })],
                new() { BatchSize = 4, ValidationFraction = 0, Dropout = 0, Shuffle = false });
            return result.Steps[0].Loss;
        }

        double[] alone = [.. Enumerable.Range(0, 4).Select(i => Loss([.. Enumerable.Range(0, 4).Select(k => k == i ? 1f : 0f)]))];
        Assert.AreEqual(alone.Average(), Loss(1, 1, 1, 1), 1e-5);
        Assert.AreEqual((2 * alone[0] + 0.5 * alone[2]) / 2.5, Loss(2, 0, 0.5f, 0), 1e-5);
    }

    [TestMethod]
    public void The_gradient_mode_of_the_callers_thread_does_not_matter()
    {
        using var start = TinyEncoder.Load();
        foreach (var mode in new Func<IDisposable>[] { torch.no_grad, () => torch.inference_mode() })
        {
            using var guard = mode();
            using var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(16), new() { BatchSize = 8, ValidationFraction = 0 });
            Assert.IsGreaterThan(0, result.Steps[0].GradientNorm);
        }
        using var again = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(16), new() { BatchSize = 8, ValidationFraction = 0 });
        Assert.IsGreaterThan(0, again.Steps[0].GradientNorm);
    }

    [TestMethod]
    public void A_batch_of_weight_zero_has_no_loss()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(8).Select((row, i) => row with { Weight = i < 4 ? 0 : 1 }).ToArray();
        using var result = ContrastiveTrainer.Train(
            start, rows, new() { BatchSize = 4, ValidationFraction = 0, Shuffle = false, AvoidDuplicatesInBatch = false });
        Assert.AreEqual(0, result.Steps[0].Loss);
        Assert.IsGreaterThan(0, result.Steps[1].Loss);
    }

    [TestMethod]
    public void A_warm_up_longer_than_the_run_is_warned_of_and_too_many_epochs_are_an_error()
    {
        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(16), new() { BatchSize = 8, WarmupSteps = 2, ValidationFraction = 0 });
        Assert.IsTrue(result.Summary.Warnings.Any(w => w.StartsWith("WarmupSteps is 2 and the run has 2 steps", StringComparison.Ordinal)));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(16), new() { BatchSize = 4, Epochs = int.MaxValue }));
        StringAssert.Contains(error.Message, "ContrastiveTrainingOptions.Epochs must be at most");
    }

    [TestMethod]
    public void An_infinite_gradient_is_named_before_it_moves_a_weight()
    {
        using var start = TinyEncoder.Load();
        var error = Assert.ThrowsExactly<TrainingDivergedException>(
            () => ContrastiveTrainer.Train(
                start, TinyEncoder.Triplets(8), new() { BatchSize = 8, ValidationFraction = 0, Temperature = 1e-30 }));
        StringAssert.Contains(error.Message, "gradient norm");
    }

    [TestMethod]
    public void A_cancelled_run_throws_and_leaves_no_tensor_behind()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(60);
        using var source = new CancellationTokenSource();
        long before = LiveTensors.Settled();
        Assert.ThrowsExactly<OperationCanceledException>(()
            => ContrastiveTrainer.Train(
                start, rows, _quick, new Inline<TrainingProgress>(p => { if (p.Step == 3) source.Cancel(); }), source.Token));
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void No_tensor_is_left_over_after_a_step_or_a_run()
    {
        var rows = TinyEncoder.Triplets(100);
        long start0 = LiveTensors.Settled();
        using (var start = TinyEncoder.Load())
        {
            var counts = new Dictionary<int, long>();
            using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 4, Epochs = 41, ValidationFraction = 0 },
                new Inline<TrainingProgress>(p => counts[p.Step] = torch.Tensor.TotalCount));
            Assert.HasCount(1025, counts);
            Assert.AreEqual(counts[20], counts[1020]);
        }
        Assert.AreEqual(start0, torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void The_callers_dispose_scope_does_not_take_the_result()
    {
        using var start = TinyEncoder.Load();
        TrainingResult result;
        using (var scope = torch.NewDisposeScope()) result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(20), _quick);
        using (result) Assert.HasCount(TinyEncoder.Dimensions, result.Encoder.Encode(["a cat"])[0]);
    }

    [TestMethod]
    public void Infinite_loss_names_step_and_rate()
    {
        using var start = TinyEncoder.Load();
        var error = Assert.ThrowsExactly<TrainingDivergedException>(()
            => ContrastiveTrainer.Train(
                start, TinyEncoder.Triplets(64), new() { BatchSize = 8, Temperature = 1e-39, ValidationFraction = 0 }));
        StringAssert.Contains(error.Message, "LearningRate");
    }

    [TestMethod]
    public void Weights_that_are_not_finite_are_never_handed_over()
    {
        using var start = TinyEncoder.Load();
        start.Use(model => model.Network.Weights["encoder.layer.0.output.dense.weight"].view(-1)[0].fill_(double.NaN));
        var held = Assert.ThrowsExactly<InvalidOperationException>(
            () => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(64), new() { BatchSize = 8 }));
        StringAssert.Contains(held.Message, "start encoder");
        var error = Assert.ThrowsExactly<TrainingDivergedException>(
            () => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(64), new() { BatchSize = 8, ValidationFraction = 0 }));
        Assert.IsNull(error.CreateLastGood());
        StringAssert.Contains(error.Message, "set EvaluateEvery");
    }

    [TestMethod]
    public void A_decay_that_turns_signs_is_refused()
        => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new ContrastiveTrainingOptions { LearningRate = 1e-3, WeightDecay = 1e3 }.Validate()).Message,
            "WeightDecay must be under 1 / LearningRate");

    [TestMethod]
    public void An_evaluator_that_breaks_its_word_is_named()
    {
        using var start = TinyEncoder.Load();
        foreach (var (found, words) in new (EncoderEvaluation?, string)[]
        {
            (null, "returned null"), (new(1, null!), "figures that are null"),
                (new(double.PositiveInfinity, new Dictionary<string, double>()), "must be a finite number"),
                (new(double.NaN, new Dictionary<string, double>()), "must be a finite number"),
        })
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(
                () => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(16), _quick with { Evaluator = new Says(found!) }));
            StringAssert.Contains(error.Message, words);
            StringAssert.Contains(error.Message, "ContrastiveTrainingOptions.Evaluator (Says)");
        }
    }

    [TestMethod]
    public void A_threshold_that_masks_nearly_all_is_told_of()
    {
        using var start = TinyEncoder.Load();
        using var all = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(64), _quick with { FalseNegativeThreshold = -1 });
        Assert.IsTrue(all.Steps.All(s => s.MaskedShare == 1));
        Assert.IsTrue(all.Summary.Warnings.Any(w => w.Contains("FalseNegativeThreshold left out 100 %", StringComparison.Ordinal)));
        using var none = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(64), _quick);
        Assert.IsTrue(none.Steps.All(s => s.MaskedShare == 0 && s.MeanCosine is > -1 and < 1));
    }

    [TestMethod]
    public void The_papers_settings_combine_with_others()
        => Assert.AreEqual((512, 7), (ContrastiveTrainingOptions.SynCse() with { Seed = 7 }) is var o ? (o.BatchSize, o.Seed) : default);

    private sealed class Says(EncoderEvaluation found) : IEncoderEvaluator
    {
        public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
            => found;
    }

    private sealed class ListEvaluator(double[] scores) : IEncoderEvaluator
    {
        public static readonly string[] Probe = ["a cat is late", "my order"];

        public List<float[][]> Seen { get; } = [];

        public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
        {
            Seen.Add(encode(Probe));
            return new(scores[Seen.Count - 1], new Dictionary<string, double>());
        }
    }
}
