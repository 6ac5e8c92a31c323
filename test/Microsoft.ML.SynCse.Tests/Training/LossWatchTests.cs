using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class LossWatchTests
{
    private static readonly double _chance = Math.Log(128);

    [TestMethod]
    public void A_loss_that_stays_at_chance_is_a_collapse_and_said_once()
    {
        var warnings = new TrainingWarnings(null);
        var watch = new LossWatch(warnings);
        for (int step = 1; step <= 60; step++) watch.Look(Step(step, _chance + 0.002 * (step % 3)));
        Assert.HasCount(1, warnings.Texts);
        StringAssert.Contains(warnings.Texts[0], "chance among 128 candidates");
        StringAssert.Contains(warnings.Texts[0], "Mean pooling");
    }

    [TestMethod]
    public void A_loss_that_passes_chance_on_its_way_down_is_none()
    {
        var warnings = new TrainingWarnings(null);
        var watch = new LossWatch(warnings);
        for (int step = 1; step <= 100; step++) watch.Look(Step(step, 6 - 0.05 * step));
        Assert.IsEmpty(warnings.Texts);
    }

    [TestMethod]
    public void A_loss_far_over_its_beginning_and_chance_ends_the_run()
    {
        var watch = new LossWatch(new(null));
        for (int step = 1; step <= 30; step++) watch.Look(Step(step, 2));
        var error = Assert.ThrowsExactly<DivergedLossException>(() =>
        {
            for (int step = 31; step <= 60; step++) watch.Look(Step(step, 40));
        });
        StringAssert.Contains(error.Message, "exploded");
    }

    [TestMethod]
    public void Batches_of_other_sizes_are_measured_by_their_own_chance()
    {
        var warnings = new TrainingWarnings(null);
        var watch = new LossWatch(warnings);
        for (int step = 1; step <= 60; step++) watch.Look(Step(step, step % 5 == 0 ? 0 : _chance, step % 5 == 0 ? 0 : _chance));
        Assert.HasCount(1, warnings.Texts);
        Assert.ThrowsExactly<DivergedLossException>(() =>
        {
            var exploding = new LossWatch(new(null));
            for (int step = 1; step <= 60; step++) exploding.Look(Step(step, step < 21 ? Math.Log(2) : 6 * Math.Log(2), Math.Log(2)));
        });
    }

    [TestMethod]
    public void A_loss_near_chance_by_its_temperature_is_no_collapse()
    {
        var warnings = new TrainingWarnings(null);
        var watch = new LossWatch(warnings);
        for (int step = 1; step <= 60; step++) watch.Look(Step(step, _chance, cosine: 0.4));
        Assert.IsEmpty(warnings.Texts);
    }

    [TestMethod]
    [DataRow(4, 0)]
    [DataRow(8, 1)]
    public void A_short_run_is_looked_at_when_it_ends(int steps, int expected)
    {
        var warnings = new TrainingWarnings(null);
        var watch = new LossWatch(warnings);
        for (int step = 1; step <= steps; step++) watch.Look(Step(step, step < 3 ? 1 : _chance));
        Assert.IsEmpty(warnings.Texts);
        watch.End();
        Assert.HasCount(expected, warnings.Texts);
    }

    [TestMethod]
    public void An_exploding_masked_language_model_loss_ends_the_run()
    {
        var watch = new LossWatch(new(null));
        for (int step = 1; step <= 30; step++) watch.Look(Step(step, 2, language: 10));
        var error = Assert.ThrowsExactly<DivergedLossException>(() =>
        {
            for (int step = 31; step <= 60; step++) watch.Look(Step(step, 2, language: 95));
        });
        StringAssert.Contains(error.Message, "masked-language-model loss exploded");
    }

    [TestMethod]
    [DataRow(60, null)]
    [DataRow(4, null)]
    [DataRow(60, 0.3)]
    public void A_collapsed_run_says_so(int epochs, double? threshold)
    {
        using var start = TinyEncoder.Load();
        // At such a rate every sentence soon has one vector.
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(64),
            new()
            {
                BatchSize = 16,
                Epochs = epochs,
                LearningRate = 1,
                ValidationFraction = 0,
                Dropout = 0,
                FalseNegativeThreshold = threshold
            });
        Assert.IsTrue(
            result.Summary.Warnings.Any(w => w.Contains("a collapse", StringComparison.Ordinal)),
            $"losses {string.Join(' ', result.Steps.TakeLast(8).Select(s => s.Loss))}, "
                + string.Join(' ', result.Steps.TakeLast(8).Select(s => s.MeanCosine)));
    }

    [TestMethod]
    public void Evaluations_that_do_not_improve_end_the_run()
    {
        using var start = TinyEncoder.Load();
        var scores = new Queue<double>([0.1, 0.5, 0.4, 0.45, 0.3, 0.9]);
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(40),
            new() { BatchSize = 10, Epochs = 9, EvaluateEvery = 3, EarlyStoppingPatience = 3, Evaluator = new QueueEvaluator(scores) });
        Assert.AreEqual((12, 3), (result.Steps.Count, result.Summary.BestStep));
        Assert.HasCount(1, scores);
        Assert.IsTrue(result.Summary.Warnings.Any(w => w.Contains("Stopped at step 12 of 36", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_diverged_run_hands_over_its_last_good_weights()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(40);
        using var whole = ContrastiveTrainer.Train(
            start, rows,
            new()
            {
                BatchSize = 10,
                Epochs = 1,
                EvaluateEvery = 2,
                LearningRate = 1e-3,
                Shuffle = false,
                Evaluator = new QueueEvaluator(new([0.1, 0.9, 0.2])),
                KeepStartIfWorse = false
            });
        // The third batch's weight is beyond what a float32 loss can be.
        var bad = rows.Select(
            (row, i) => i == 25 ? row with { Weight = float.MaxValue } : row with { Weight = i / 10 == 2 ? float.MaxValue : 1 }).ToArray();
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => ContrastiveTrainer.Train(start, bad,
            new()
            {
                BatchSize = 10,
                EvaluateEvery = 2,
                LearningRate = 1e-3,
                Shuffle = false,
                Evaluator = new QueueEvaluator(new([0.1, 0.9, 0.2])),
                KeepStartIfWorse = false
            }));
        Assert.AreEqual(3, error.Step);
        StringAssert.Contains(error.Message, "on the examples 20 21 22");
        StringAssert.Contains(error.Message, "step 2 are kept");
        using var good = error.CreateLastGood()!;
        Assert.AreEqual(0.9, error.Evaluation!.Score);
        string[] sentences = TinyEncoder.Sentences(10);
        // Up to then both runs are one, and the best step of the whole one is the same.
        Assert.AreEqual(2, whole.Summary.BestStep);
        Assert.IsLessThan(1e-5, Golden.WorstDifference(whole.Encoder.Encode(sentences), good.Encode(sentences)));
        Assert.AreNotEqual(start.Card.Name ?? "", good.Card.Name ?? "another");
    }

    [TestMethod]
    public void Without_an_evaluation_the_weights_before_the_step_are_handed_over()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(40);
        var bad = rows.Select((row, i) => row with { Weight = i == 25 || i / 10 == 2 ? float.MaxValue : 1 }).ToArray();
        var two = rows[..20];
        using var before = ContrastiveTrainer.Train(
            start, two, new() { BatchSize = 10, LearningRate = 1e-3, Shuffle = false, ValidationFraction = 0, WarmupSteps = 1000 });
        var error = Assert.ThrowsExactly<TrainingDivergedException>(
            () => ContrastiveTrainer.Train(
                start, bad, new() { BatchSize = 10, LearningRate = 1e-3, Shuffle = false, ValidationFraction = 0, WarmupSteps = 1000 }));
        using var good = error.CreateLastGood()!;
        Assert.AreEqual(3, error.Step);
        Assert.IsNull(error.Evaluation);
        StringAssert.Contains(error.Message, "those of the step before are kept");
        Assert.IsLessThan(
            1e-5, Golden.WorstDifference(before.Encoder.Encode(TinyEncoder.Sentences(10)), good.Encode(TinyEncoder.Sentences(10))));
    }

    [TestMethod]
    public void A_diverged_runs_exception_holds_no_tensor_and_makes_an_encoder_at_each_call()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(40);
        var bad = rows.Select((row, i) => row with { Weight = i / 10 == 2 ? float.MaxValue : 1 }).ToArray();
        var options = new ContrastiveTrainingOptions
        {
            BatchSize = 10,
            LearningRate = 1e-3,
            Shuffle = false,
            ValidationFraction = 0,
            ProjectionHead = ProjectionHead.Mlp,
        };
        long before = LiveTensors.Settled();
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => ContrastiveTrainer.Train(start, bad, options));
        Assert.AreEqual(before, LiveTensors.Settled());
        Assert.IsTrue(error.HasLastGood);
        string[] sentences = TinyEncoder.Sentences(5);
        using (var first = error.CreateLastGood()!)
        using (var second = error.CreateLastGood()!)
        {
            Assert.AreNotSame(first, second);
            Assert.AreEqual(0, Golden.WorstDifference(first.Encode(sentences), second.Encode(sentences)));
            Assert.IsGreaterThan(1e-6, Golden.WorstDifference(start.Encode(sentences), first.Encode(sentences)));
        }
        Assert.AreEqual(before, LiveTensors.Settled());
    }

    private static TrainingProgress Step(int step, double loss, double? chance = null, double cosine = 0.999, double language = 0) => new()
    {
        ChanceLoss = chance ?? _chance,
        MeanCosine = cosine,
        MlmLoss = language,
        Step = step,
        TotalSteps = 100,
        Epoch = 1,
        Loss = loss,
        ContrastiveLoss = loss,
        GradientNorm = 1,
        LearningRate = 1e-4,
        TokensPerSecond = 1,
    };

    private sealed class QueueEvaluator(Queue<double> scores) : IEncoderEvaluator
    {
        public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
            => new(scores.Dequeue(), new Dictionary<string, double>());
    }
}
