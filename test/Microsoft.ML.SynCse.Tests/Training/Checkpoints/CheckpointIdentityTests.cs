using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Options that only say what memory a run takes are no part of what its checkpoints are.</summary>
[TestClass]
public sealed class CheckpointIdentityTests
{
    private const int Total = 18, EndedAt = 7;
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void Clean() => _temporary.Dispose();

    [TestMethod]
    [DataRow(null, 4)]
    [DataRow(20, null)]
    [DataRow(20, 4)]
    public void A_run_goes_on_with_another_cache_chunk_to_the_same_weights_within_rounding(int? first, int? then)
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(120);
        using var whole = ContrastiveTrainer.Train(start, rows, Options(null, first));
        string folder = _temporary.New("run");
        End(start, rows, Options(folder, first));
        var steps = new List<int>();
        var options = Options(folder, then) with { ReleaseMemoryEvery = 0 };
        using var resumed = ContrastiveTrainer.Train(start, rows, options, new Inline<TrainingProgress>(p => steps.Add(p.Step)));
        CollectionAssert.AreEqual(Enumerable.Range(EndedAt + 1, Total - EndedAt).ToArray(), steps);
        // Dropout is on: the masks are the same whatever the chunk.
        foreach (var (a, b) in whole.Steps.Zip(resumed.Steps)) Assert.AreEqual(a.Loss, b.Loss, 1e-4 * Math.Abs(a.Loss), $"step {a.Step}");
        var wanted = Weights(whole);
        foreach (var (name, values) in Weights(resumed))
            for (int i = 0; i < values.Length; i++) Assert.AreEqual(wanted[name][i], values[i], 1e-3f, name);
    }

    [TestMethod]
    public void The_same_cache_chunk_goes_on_to_the_same_bytes()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(120);
        using var whole = ContrastiveTrainer.Train(start, rows, Options(null, 4));
        string folder = _temporary.New("run");
        End(start, rows, Options(folder, 4));
        using var resumed = ContrastiveTrainer.Train(start, rows, Options(folder, 4));
        var wanted = Weights(whole);
        foreach (var (name, values) in Weights(resumed)) CollectionAssert.AreEqual(wanted[name], values, name);
    }

    [TestMethod]
    [DataRow("", null)]
    [DataRow("", 4)]
    [DataRow("20", 4)]
    [DataRow("20", null)]
    public void A_checkpoint_of_before_which_names_the_chunk_goes_on(string named, int? now)
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(120);
        string folder = _temporary.New("run");
        End(start, rows, Options(folder, null));
        foreach (string file in Directory.GetFiles(folder, "*.checkpoint"))
        {
            Edit(file, options =>
            {
                Assert.IsFalse(options.ContainsKey("GradientCacheChunk") || options.ContainsKey("ReleaseMemoryEvery"));
                options["GradientCacheChunk"] = named;
            });
        }
        int steps = 0;
        using var resumed = ContrastiveTrainer.Train(start, rows, Options(folder, now), new Inline<TrainingProgress>(_ => steps++));
        Assert.AreEqual(Total - EndedAt, steps);
    }

    [TestMethod]
    public void An_option_that_changes_the_weights_is_refused_as_ever()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(120);
        string folder = _temporary.New("run");
        End(start, rows, Options(folder, null));
        var options = Options(folder, 4) with { Temperature = 0.1 };
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => ContrastiveTrainer.Train(start, rows, options));
        StringAssert.Contains(error.Message, "Temperature = 0.05, and now it is 0.1");
    }

    // A step's 120 sentences are two chunks of 1,024 tokens, each with dropout of its own.
    private static ContrastiveTrainingOptions Options(string? folder, int? chunk) => new()
    {
        BatchSize = 40,
        Epochs = 6,
        LearningRate = 1e-3,
        ValidationFraction = 0,
        MlmWeight = 0.1,
        GradientCacheChunk = chunk,
        CheckpointFolder = folder,
        CheckpointEvery = folder is null ? 0 : 1,
    };

    private static void End(SentenceEncoder start, TrainingExample[] rows, ContrastiveTrainingOptions options)
    {
        using var source = new CancellationTokenSource();
        var ending = new Inline<TrainingProgress>(p =>
        {
            if (p.Step == EndedAt) source.Cancel();
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => ContrastiveTrainer.Train(start, rows, options, ending, source.Token));
    }

    private static void Edit(string file, Action<JsonObject> edit)
    {
        using var zip = ZipFile.Open(file, ZipArchiveMode.Update);
        var entry = zip.GetEntry("state.json")!;
        JsonNode state;
        using (var stream = entry.Open()) state = JsonNode.Parse(stream)!;
        edit(state["Options"]!.AsObject());
        entry.Delete();
        using var written = zip.CreateEntry("state.json").Open();
        written.Write(System.Text.Encoding.UTF8.GetBytes(state.ToJsonString()));
    }

    private static Dictionary<string, float[]> Weights(TrainingResult result)
        => result.Encoder.Use(m => m.Parameters.ToDictionary(p => p.Key, p => p.Value.data<float>().ToArray()));
}
