using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A folder that we tuned and saved, opened by transformers.js with its ONNX file.</summary>
[TestClass]
public sealed class TransformersJsTests
{
    private const double Tolerance = 1e-4;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Node")]
    [Timeout(6 * 60 * 1000, CooperativeCancellation = true)]
    public async Task A_tuned_folder_gives_its_vectors_in_JavaScript()
    {
        using var temporary = new TemporaryFolder();
        using var start = SentenceEncoder.LoadDefault();
        using var trained = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(40), new() { BatchSize = 8, ValidationFraction = 0, KeepStartIfWorse = false });
        string folder = temporary.New("tuned");
        trained.Encoder.Save(folder, new SaveOptions { Onnx = new() });
        string[] texts = [.. TinyEncoder.Sentences(20), "Where is my parcel? It should have been here on Monday!", "naïve café"];
        string[] lines = await NodeProgram.LinesAsync(
            Path.Combine("Onnx", "Node"), "@huggingface/transformers", "vectors.mjs", JsonSerializer.Serialize(texts), [folder],
            TestContext.CancellationToken);
        var vectors = JsonSerializer.Deserialize<Vectors>(lines.Single(), JsonSerializerOptions.Web)!;
        float[][] expected = trained.Encoder.Encode(texts);
        double graph = Golden.WorstDifference(expected, vectors.Graph), pipeline = Golden.WorstDifference(expected, vectors.Pipeline);
        TestContext.WriteLine(FormattableString.Invariant($"graph {graph:e1}, pipeline {pipeline:e1}"));
        Assert.IsLessThanOrEqualTo(Tolerance, graph);
        Assert.IsLessThanOrEqualTo(Tolerance, pipeline);
    }

    private sealed record Vectors(float[][] Graph, float[][] Pipeline);
}
