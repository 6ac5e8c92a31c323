using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What a run that ends before its end leaves in its folder, and who may go on from there.</summary>
[TestClass]
public sealed class InterruptedRunTests
{
    private const int Rows = 60, Total = 10;
    private static readonly string[] _probe = ["a cat is late", "my order", "the parcel came"];
    private readonly TemporaryFolder _temporary = new();
    private readonly SentenceEncoder _start = TinyEncoder.Load();

    [TestCleanup]
    public void Clean()
    {
        _start.Dispose();
        _temporary.Dispose();
    }

    [TestMethod]
    public void A_cancelled_run_with_default_options_goes_on_where_it_was()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run") };
        Cancel(options, at: 3);
        Assert.AreEqual("step-00000003.checkpoint", Path.GetFileName(Checkpoints(options).Single()));
        GoesOnBehind(3, options);
    }

    [TestMethod]
    public void A_run_that_stops_early_is_kept_and_more_patience_goes_on()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run"), EvaluateEvery = 1, EarlyStoppingPatience = 2 };
        options = options with { Evaluator = new Scores(step => -step) };
        using (var stopped = Train(options)) Assert.HasCount(3, stopped.Steps);
        using var more = Train(options with { EarlyStoppingPatience = 5 });
        Assert.HasCount(6, more.Steps);
        Assert.IsTrue(more.Summary.Warnings.Any(w => w.Contains("Scores without a Fingerprint", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Where_no_steps_are_said_time_decides()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run") };
        using var run = new TrainingRun(_start, TrainingSet.Create(TinyEncoder.Triplets(Rows)), options, betweenCheckpoints: TimeSpan.Zero);
        var there = new List<int>();
        run.Execute(new Inline<TrainingProgress>(
            p => there.Add(File.Exists(Path.Combine(options.CheckpointFolder!, $"step-{p.Step:d8}.checkpoint")) ? p.Step : 0)), default)
            .Dispose();
        CollectionAssert.AreEqual(Enumerable.Range(1, Total).ToArray(), there);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_run_that_ends_in_an_evaluation_goes_on_with_it(bool cancelled)
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run"), EvaluateEvery = 2 };
        using var source = new CancellationTokenSource();
        var fails = options with
        {
            Evaluator = new Scores(step =>
            {
                if (step != 2) return step;
                if (!cancelled) throw new TimeoutException("the score server is away");
                source.Cancel();
                throw new OperationCanceledException(source.Token);
            }),
        };
        if (cancelled) Assert.ThrowsExactly<OperationCanceledException>(() => Train(fails, token: source.Token));
        else Assert.ThrowsExactly<TimeoutException>(() => Train(fails));
        // The second evaluation behind the first step: the weights of step 4 are kept, their score is not there yet.
        Assert.AreEqual("step-00000004.checkpoint", Path.GetFileName(Checkpoints(options).Single()));
        var evaluator = new Scores(step => step == 0 ? 100 : 0); // in this process's counting: step 4's is the first
        using var resumed = Train(options with { Evaluator = evaluator });
        CollectionAssert.AreEqual(new[] { 0, 2, 4, 6, 8, 10 }, resumed.Summary.Evaluations.Select(e => e.Step).ToArray());
        Assert.AreEqual(4, resumed.Summary.BestStep);
        Assert.AreEqual(100, resumed.Steps[3].Score);
        Assert.AreEqual(100, TrainingStepLog.Read(TrainingStepLog.PathOf(options)!)[3].Score);
    }

    [TestMethod]
    public void Two_runs_at_once_in_a_folder_are_refused()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run") };
        IOException? refused = null;
        Train(options, p => { if (p.Step == 2) refused = Assert.ThrowsExactly<IOException>(() => Train(options)); }).Dispose();
        StringAssert.Contains(refused!.Message, "CheckpointFolder");
        StringAssert.Contains(refused.Message, "another run");
        Assert.HasCount(Total, TrainingStepLog.Read(TrainingStepLog.PathOf(options)!));
        Train(options).Dispose();                                                                       // the folder is free again
    }

    [TestMethod]
    public void A_checkpoint_that_cannot_be_opened_is_no_damage()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run") };
        Cancel(options, at: 3);
        using (new FileStream(Checkpoints(options).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var error = Assert.ThrowsExactly<IOException>(() => Train(options));
            StringAssert.Contains(error.Message, "step-00000003.checkpoint");
            StringAssert.Contains(error.Message, "Resume");
        }
        GoesOnBehind(3, options);
    }

    [TestMethod]
    [DataRow("\"Options\":null,\"Steps\":[]")]
    [DataRow("\"Options\":{\"a\":null},\"Steps\":[]")]
    [DataRow("\"Options\":{},\"Steps\":[null]")]
    [DataRow("\"Options\":{},\"Steps\":[]")]
    public void A_state_with_empty_places_is_damage_and_the_run_says_that_it_begins_anew(string part)
    {
        string state = "{\"Version\":1,\"StartEncoder\":\"x\",\"Data\":\"y\"," + part
            + ",\"Evaluations\":[],\"Best\":null,\"Elapsed\":\"00:00:01\"}";
        var options = Options() with { CheckpointFolder = _temporary.New("run") };
        Cancel(options, at: 3);
        using (var zip = System.IO.Compression.ZipFile.Open(Checkpoints(options).Single(), System.IO.Compression.ZipArchiveMode.Update))
        {
            zip.GetEntry("state.json")!.Delete();
            using var writer = new StreamWriter(zip.CreateEntry("state.json").Open());
            writer.Write(state);
        }
        using var result = Train(options);
        Assert.HasCount(Total, result.Steps);
        Assert.IsTrue(
            result.Summary.Warnings.Any(w => w.Contains("is damaged", StringComparison.Ordinal)),
            string.Join('\n', result.Summary.Warnings));
        Assert.IsTrue(result.Summary.Warnings.Any(w => w.Contains("begins anew", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void To_name_the_device_that_is_used_is_no_other_run()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run") };
        Cancel(options, at: 3);
        GoesOnBehind(3, options with { Device = "cpu" });
    }

    [TestMethod]
    public void An_evaluator_with_another_fingerprint_is_another_run()
    {
        var options = Options() with { CheckpointFolder = _temporary.New("run"), Evaluator = new Scores(step => step, "first") };
        Cancel(options, at: 3);
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Train(options with { Evaluator = new Scores(step => step, "second") }));
        StringAssert.Contains(error.Message, "Evaluator = Scores (first), and now it is Scores (second)");
        using var same = Train(options with { Evaluator = new Scores(step => step, "first") });
        Assert.IsFalse(same.Summary.Warnings.Any(w => w.Contains("Fingerprint", StringComparison.Ordinal)));
    }

    private static ContrastiveTrainingOptions Options() => new() { BatchSize = 6, LearningRate = 1e-3, ValidationFraction = 0 };

    private TrainingResult Train(
        ContrastiveTrainingOptions options, Action<TrainingProgress>? told = null, CancellationToken token = default)
        => ContrastiveTrainer.Train(
            _start, TinyEncoder.Triplets(Rows), options, told is null ? null : new Inline<TrainingProgress>(told), token);

    private void Cancel(ContrastiveTrainingOptions options, int at)
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(options, p => { if (p.Step == at) source.Cancel(); }, source.Token));
    }

    private void GoesOnBehind(int step, ContrastiveTrainingOptions options)
    {
        var steps = new List<int>();
        using var resumed = Train(options, p => steps.Add(p.Step));
        CollectionAssert.AreEqual(Enumerable.Range(step + 1, Total - step).ToArray(), steps);
        using var whole = Train(options with { CheckpointFolder = null });
        Assert.AreEqual(0, Golden.WorstDifference(whole.Encoder.Encode(_probe), resumed.Encoder.Encode(_probe)));
    }

    private static string[] Checkpoints(ContrastiveTrainingOptions options)
        => Directory.GetFiles(options.CheckpointFolder!, "*.checkpoint");

    /// <summary>The score of its evaluations, counted from 0.</summary>
    private sealed class Scores(Func<int, double> score, string? fingerprint = null) : IEncoderEvaluator
    {
        private int _count;

        public string? Fingerprint => fingerprint;

        public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
        {
            encode(_probe);
            return new(score(_count++), new Dictionary<string, double>());
        }
    }
}
