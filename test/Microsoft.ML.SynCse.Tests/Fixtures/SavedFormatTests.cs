using System.Text.Json;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Files that earlier versions wrote still open and give what they gave: test/Fixtures, see its README.</summary>
[TestClass]
public sealed class SavedFormatTests
{
    private static readonly string _fixtures = Path.Combine(SharedFolder.RepositoryRoot, "test", "Fixtures");
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    public static IEnumerable<object[]> EmbeddingModels()
        => Directory.EnumerateFiles(Path.Combine(_fixtures, "models"), "embedding-*.zip")
            .Select(file => new object[] { Path.GetFileNameWithoutExtension(file) });

    [TestMethod]
    [DynamicData(nameof(EmbeddingModels))]
    public void An_embedding_model_of_every_format_gives_its_vectors(string name)
    {
        string file = Path.Combine(_fixtures, "models", name + ".zip");
        var expected = Read<EmbeddingExpectation>(Path.ChangeExtension(file, ".json"));
        using var model = (SynCseEmbeddingTransformer)new MLContext(seed: 1).Model.Load(file, out var schema);
        Assert.IsNotNull(schema.GetColumnOrNull("Anchor"));
        AreNear(expected.Vectors, model.Encoder.Encode(expected.Sentences), "loaded by ML.NET");
        Assert.AreEqual(expected.Evaluations, model.Training!.Evaluations.Count);
        Assert.AreEqual(expected.Steps, model.Training.Steps);
        Assert.AreEqual(0, model.Training.ReplacedNegatives);
        Assert.AreEqual(name.EndsWith("-synthesis", StringComparison.Ordinal), model.Synthesis is not null);
        using var encoder = SentenceEncoder.Load(file);
        AreNear(expected.Vectors, encoder.Encode(expected.Sentences), "loaded as an encoder");
    }

    [TestMethod]
    public void A_text_encoder_of_format_1_1_gives_its_vectors()
    {
        string file = Path.Combine(_fixtures, "models", "text-encoder-1.1.zip");
        var expected = Read<EmbeddingExpectation>(Path.ChangeExtension(file, ".json"));
        using var step = (TextEncoderTransformer)new MLContext(seed: 1).Model.Load(file, out _);
        Assert.IsInstanceOfType<SentenceEncoder>(step.Encoder);
        AreNear(expected.Vectors, step.Encoder.Encode(expected.Sentences), "loaded by ML.NET");
    }

    [TestMethod]
    public void A_synthesis_step_of_format_1_1_writes_its_texts()
    {
        string file = Path.Combine(_fixtures, "models", "synthesis-1.1.zip");
        var expected = Read<StepExpectation>(Path.ChangeExtension(file, ".json"));
        var ml = new MLContext(seed: 1);
        using var step = (TripletSynthesisTransformer)ml.Model.Load(file, out _);
        step.UseChatClient(Writers.Good());
        var view = step.Transform(ml.Data.LoadFromEnumerable(OrderRow.Many(10)));
        CollectionAssert.AreEqual(expected.Sentences, view.GetColumn<string>("Text").ToArray());
        CollectionAssert.AreEqual(expected.Positives, view.GetColumn<string>("Positive").ToArray());
        CollectionAssert.AreEqual(expected.Negatives, view.GetColumn<string>("Negative").ToArray());
    }

    [TestMethod]
    public async Task A_journal_of_format_1_asks_for_nothing_it_has_read()
    {
        string file = Path.Combine(_fixtures, "journals", "triplets-1.journal");
        var expected = Read<JournalExpectation>(Path.ChangeExtension(file, ".json"));
        var options = Synthesis.Options(_folder) with { MaxAttempts = 2, MaxConcurrency = 1 };
        File.Copy(file, options.JournalPath!);
        var before = await Synthesis.ReportAsync(options);
        Assert.AreEqual((expected.Accepted, expected.Requests, expected.InputTokens, expected.OutputTokens),
            (before.Accepted, before.Requests, before.InputTokens, before.OutputTokens));
        var client = Writers.Good();
        string[] lines = Synthesis.Lines(await Synthesis.RunAsync(client, options, expected.Sentences));
        for (int i = 0; i < lines.Length; i++)
        {
            // The one sentence that met a fault is asked for again; its reply is good this time.
            if (!expected.Lines[i].Contains("|fault: ", StringComparison.Ordinal)) Assert.AreEqual(expected.Lines[i], lines[i]);
        }
        Assert.IsTrue(client.Requests.All(request => request.Sentence!.Contains("number 8 ", StringComparison.Ordinal)));
        Assert.AreEqual(2, client.Calls);
    }

    [TestMethod]
    public void A_checkpoint_of_format_1_goes_on_to_the_weights_of_a_whole_run()
    {
        string folder = _folder.New("checkpoint");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_fixtures, "checkpoints", "checkpoint-1")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var expected = Read<EmbeddingExpectation>(Path.Combine(_fixtures, "checkpoints", "checkpoint-1.json"));
        using var start = TinyEncoder.Load(normalize: true);
        var steps = new List<int>();
        using var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(60),
            new() { BatchSize = 8, LearningRate = 1e-3, Epochs = 2, CheckpointFolder = folder, CheckpointsToKeep = 1, CheckpointEvery = 4 },
                new Inline<TrainingProgress>(p => steps.Add(p.Step)));
        Assert.AreEqual(7, steps[0], "the first step after the checkpoint's");
        // Another machine's products differ in their last digits, and the steps carry that on.
        AreNear(expected.Vectors, result.Encoder.Encode(expected.Sentences), "resumed", 2e-3f);
    }

    private static T Read<T>(string file) => JsonSerializer.Deserialize<T>(File.ReadAllText(file), JsonSerializerOptions.Web)!;

    private static void AreNear(float[][] expected, float[][] actual, string what, float tolerance = 1e-5f)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            for (int d = 0; d < expected[i].Length; d++)
                Assert.AreEqual(expected[i][d], actual[i][d], tolerance, $"{what}: sentence {i}, dimension {d}");
    }

    private sealed record EmbeddingExpectation(string[] Sentences, float[][] Vectors, int Evaluations = 0, int Steps = 0);

    private sealed record StepExpectation(string[] Sentences, string[] Positives, string[] Negatives);

    private sealed record JournalExpectation(string[] Sentences, string[] Lines, long Accepted, long Requests, long InputTokens,
        long OutputTokens);
}
