using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Checkpoints;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class CheckpointTests
{
    private const int Rows = 60, Total = 15;
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void Clean() => _temporary.Dispose();

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(7)]
    [DataRow(14)]
    public void A_run_that_was_ended_goes_on_to_the_same_weights_and_figures(int endedAt)
    {
        using var start = TinyEncoder.Load();
        using var whole = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options());
        string folder = _temporary.New("run");
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder),
            new Inline<TrainingProgress>(p => { if (p.Step == endedAt) source.Cancel(); }), source.Token));

        var steps = new List<int>();
        using var resumed = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(Rows), Options(folder), new Inline<TrainingProgress>(p => steps.Add(p.Step)));
        CollectionAssert.AreEqual(Enumerable.Range(endedAt + 1, Total - endedAt).ToArray(), steps, "only what was missing is done");
        AssertSame(whole, resumed);
        Assert.HasCount(Total, resumed.Steps);
        foreach (var (a, b) in whole.Steps.Zip(resumed.Steps)) Assert.AreEqual(Timeless(a), Timeless(b));
        CollectionAssert.AreEqual(
            whole.Summary.Evaluations.Select(e => (e.Step, e.Score)).ToArray(),
            resumed.Summary.Evaluations.Select(e => (e.Step, e.Score)).ToArray());
        Assert.AreEqual(whole.Summary.BestStep, resumed.Summary.BestStep);
        string[] lines = File.ReadAllLines(Path.Combine(folder, "training-log.jsonl"));
        CollectionAssert.AreEqual(resumed.Steps.Select(s => (s.Step, s.Loss, s.Score)).ToArray(),
            lines.Select(line => JsonNode.Parse(line)!).Select(n => ((int)n["step"]!, (double)n["loss"]!, (double?)n["score"])).ToArray());
    }

    [TestMethod]
    public void A_finished_run_is_not_done_again()
    {
        using var start = TinyEncoder.Load();
        string folder = _temporary.New("run");
        using var first = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder));
        using var second = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(Rows), Options(folder), new Inline<TrainingProgress>(_ => Assert.Fail("a step was taken")));
        AssertSame(first, second);
    }

    [TestMethod]
    public void An_option_that_is_newer_than_a_checkpoint_had_its_default_then()
    {
        var old = State(new());
        var found = old with { Options = old.Options.Where(o => o.Key != "Temperature").ToDictionary(o => o.Key, o => o.Value) };
        found.Require(State(new()), "a file");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => found.Require(State(new() { Temperature = 0.1 }), "a file")).Message,
            "was begun with Temperature = 0.05, and now it is 0.1");

        static CheckpointState State(ContrastiveTrainingOptions options) => new()
        {
            Version = 1,
            StartEncoder = "an encoder",
            Data = "rows",
            Options = options.Describe(),
            Steps = [],
            Evaluations = [],
            Best = null,
            Elapsed = default,
        };
    }

    [TestMethod]
    public void A_damaged_newest_checkpoint_is_left_out_with_a_warning()
    {
        using var start = TinyEncoder.Load();
        string folder = _temporary.New("run");
        using var first = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder));
        string[] files = Checkpoints(folder).Order(StringComparer.Ordinal).ToArray();
        Assert.HasCount(2, files);
        byte[] bytes = File.ReadAllBytes(files[^1]);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(files[^1], bytes);
        var steps = new List<int>();
        using var second = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(Rows), Options(folder), new Inline<TrainingProgress>(p => steps.Add(p.Step)));
        CollectionAssert.AreEqual(new[] { Total }, steps);
        AssertSame(first, second);
        Assert.IsTrue(
            second.Summary.Warnings.Any(
                w => w.Contains("left out", StringComparison.Ordinal) && w.Contains(Path.GetFileName(files[^1]), StringComparison.Ordinal)),
            string.Join('\n', second.Summary.Warnings));
    }

    [TestMethod]
    public void A_damaged_first_evaluation_leaves_the_checkpoint_before_it_whole()
    {
        using var start = TinyEncoder.Load();
        using var whole = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options());
        string folder = _temporary.New("run");
        using var source = new CancellationTokenSource();
        // Step 2 is the first that is evaluated: only its checkpoint has best weights.
        Assert.ThrowsExactly<OperationCanceledException>(() => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder),
            new Inline<TrainingProgress>(p => { if (p.Step == 2) source.Cancel(); }), source.Token));
        string newest = Checkpoints(folder).Order(StringComparer.Ordinal).Last();
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^(bytes.Length / 8)] ^= 4;                                                                // in the last group of tensors
        File.WriteAllBytes(newest, bytes);
        string half = Path.Combine(folder, "step-00000003.checkpoint.0123.tmp");
        File.WriteAllText(half, "left by a kill");
        var steps = new List<int>();
        using var resumed = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(Rows), Options(folder), new Inline<TrainingProgress>(p => steps.Add(p.Step)));
        Assert.AreEqual(2, steps[0]);
        AssertSame(whole, resumed);
        Assert.HasCount(1, resumed.Summary.Warnings.Where(w => w.Contains("left out", StringComparison.Ordinal)).ToArray());
        Assert.IsFalse(File.Exists(half));
    }

    [TestMethod]
    public void The_same_texts_in_other_parts_and_another_evaluators_pairs_are_other_runs()
    {
        TrainingExample triplet = new("a", ["b"], ["c"]), positives = new("a", ["b", "c"], []);
        Assert.AreNotEqual(TrainingDataFingerprint.Of([triplet]), TrainingDataFingerprint.Of([positives]));
        string Evaluator(params ScoredPair[] pairs)
            => new ContrastiveTrainingOptions { Evaluator = new SentenceSimilarityEvaluator(pairs) }.Describe()["Evaluator"];
        Assert.AreEqual(Evaluator(new("a secret", "b", 1), new("c", "d", 2)), Evaluator(new("a secret", "b", 1), new("c", "d", 2)));
        Assert.AreNotEqual(Evaluator(new("a secret", "b", 1), new("c", "d", 2)), Evaluator(new("a secret", "b", 1), new("c", "e", 2)));
        Assert.IsFalse(Evaluator(new("a secret", "b", 1), new("c", "d", 2)).Contains("secret", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_log_that_cannot_be_written_is_named_before_anything_is_encoded()
    {
        using var start = TinyEncoder.Load();
        string file = _temporary.New("file");
        File.WriteAllText(file, "x");
        long before = LiveTensors.Settled();
        var error = Assert.ThrowsExactly<IOException>(
            () => ContrastiveTrainer.Train(
                start, TinyEncoder.Triplets(Rows), new() { LogFile = Path.Combine(file, "log.jsonl"), Evaluator = new Never() }));
        StringAssert.Contains(error.Message, "log.jsonl");
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void Every_cut_of_a_checkpoint_is_noticed()
    {
        using var start = TinyEncoder.Load();
        string folder = _temporary.New("run");
        ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder, keep: 1)).Dispose();
        string file = Checkpoints(folder).Single();
        byte[] bytes = File.ReadAllBytes(file);
        var random = new Random(3);
        for (int i = 0; i < 12; i++)
        {
            File.WriteAllBytes(file, i == 0 ? [] : bytes[..random.Next(bytes.Length)]);
            int steps = 0;
            using var result = ContrastiveTrainer.Train(
                start, TinyEncoder.Triplets(Rows), Options(folder, keep: 1), new Inline<TrainingProgress>(_ => steps++));
            Assert.AreEqual(Total, steps, "the run began anew");
            CollectionAssert.AreEqual(new[] { file }, Checkpoints(folder));
        }
    }

    [TestMethod]
    public void Another_runs_checkpoints_are_refused_by_what_differs()
    {
        using var start = TinyEncoder.Load();
        using var other = TinyEncoder.Load(seed: 8);
        string folder = _temporary.New("run");
        ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder)).Dispose();
        Refuses("other training data", start, TinyEncoder.Triplets(Rows, seed: 2), Options(folder));
        Refuses("another encoder", other, TinyEncoder.Triplets(Rows), Options(folder));
        Refuses("LearningRate = 0.001, and now it is 0.002", start, TinyEncoder.Triplets(Rows), Options(folder, rate: 2e-3));
        Refuses("Epochs = 3, and now it is 4", start, TinyEncoder.Triplets(Rows), Options(folder, epochs: 4));

        void Refuses(string words, SentenceEncoder encoder, TrainingExample[] rows, ContrastiveTrainingOptions options)
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => ContrastiveTrainer.Train(encoder, rows, options));
            StringAssert.Contains(error.Message, words);
            StringAssert.Contains(error.Message, "CheckpointFolder");
        }
    }

    [TestMethod]
    public void Beginning_anew_replaces_the_checkpoints()
    {
        using var start = TinyEncoder.Load();
        string folder = _temporary.New("run");
        ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(folder, epochs: 4)).Dispose();
        int steps = 0;
        ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(Rows), Options(folder, resume: false), new Inline<TrainingProgress>(_ => steps++)).Dispose();
        Assert.AreEqual(Total, steps);
        CollectionAssert.AreEqual(
            new[] { "step-00000014.checkpoint", "step-00000015.checkpoint" },
            Checkpoints(folder).Select(Path.GetFileName).Order().ToArray());
    }

    [TestMethod]
    public void A_folder_that_cannot_be_written_is_named()
    {
        using var start = TinyEncoder.Load();
        string file = _temporary.New("file");
        File.WriteAllText(file, "x");
        long before = LiveTensors.Settled();
        var error = Assert.ThrowsExactly<IOException>(
            () => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(Rows), Options(Path.Combine(file, "below"))));
        StringAssert.Contains(error.Message, "below");
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    private sealed class Never : IEncoderEvaluator
    {
        public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
            => throw new AssertFailedException("encoded");
    }

    private static TrainingProgress Timeless(TrainingProgress step) => step with { TokensPerSecond = 0, TimeLeft = default, Tokens = 0 };

    private static ContrastiveTrainingOptions Options(
        string? folder = null, double rate = 1e-3, int epochs = 3, int keep = 2, bool resume = true) => new()
        {
            BatchSize = 10,
            Epochs = epochs,
            LearningRate = rate,
            EvaluateEvery = 2,
            MlmWeight = 0.1,
            KeepStartIfWorse = false,
            CheckpointFolder = folder,
            CheckpointEvery = folder is null ? 0 : 1,
            CheckpointsToKeep = keep,
            Resume = resume,
        };

    private static string[] Checkpoints(string folder) => Directory.GetFiles(folder, "*.checkpoint");

    private static void AssertSame(TrainingResult expected, TrainingResult actual)
    {
        var wanted = expected.Encoder.Use(m => m.Parameters.ToDictionary(p => p.Key, p => p.Value.data<float>().ToArray()));
        foreach (var (name, values) in actual.Encoder.Use(m => m.Parameters.ToDictionary(p => p.Key, p => p.Value.data<float>().ToArray())))
            CollectionAssert.AreEqual(wanted[name], values, name);
    }
}
