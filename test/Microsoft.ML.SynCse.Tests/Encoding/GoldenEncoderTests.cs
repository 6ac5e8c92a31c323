namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[TestCategory(SharedFolder.Category)]
public sealed class GoldenEncoderTests
{
    private static readonly (Pooling Pooling, string Name)[] Poolings =
        [(Pooling.Cls, "cls"), (Pooling.Mean, "mean"), (Pooling.Max, "max"), (Pooling.AverageFirstLast, "avg_first_last"), (Pooling.AverageTopTwo, "avg_top2")];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("golden/architectures/bert", "architectures/bert/expected-embeddings", 2e-5)]
    [DataRow("golden/architectures/bert-cased", "architectures/bert-cased/expected-embeddings", 2e-5)]
    [DataRow("golden/architectures/distilbert", "architectures/distilbert/expected-embeddings", 2e-5)]
    [DataRow("golden/architectures/electra", "architectures/electra/expected-embeddings", 2e-5)]
    [DataRow("golden/architectures/mpnet", "architectures/mpnet/expected-embeddings", 2e-5)]
    [DataRow("golden/architectures/roberta", "architectures/roberta/expected-embeddings", 2e-5)]
    [DataRow("golden/architectures/xlm-roberta", "architectures/xlm-roberta/expected-embeddings", 2e-5)]
    [DataRow("models/all-MiniLM-L6-v2", "all-MiniLM-L6-v2/embeddings", 1e-5)]
    public void Vectors_are_those_of_transformers_in_every_pooling(string model, string expected, double tolerance)
    {
        var json = Golden.Json(expected + ".json");
        var texts = json["texts"]!.AsArray().Select(t => (string)t!).ToArray();
        int? length = (int?)json["max_length"];
        var tensors = Golden.Tensors(expected + ".safetensors");
        foreach (var (pooling, name) in Poolings)
        {
            using var encoder = SentenceEncoder.Load(SharedFolder.Path(model), new() { Pooling = pooling, Normalize = false, MaxSequenceLength = length });
            double worst = Golden.WorstDifference(Golden.Rows(tensors[name]), encoder.Encode(texts));
            TestContext.WriteLine($"{model} {name}: worst deviation {worst:e2}");
            Assert.IsLessThan(tolerance, worst, name);
        }
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    [TestMethod]
    public void The_default_encoder_gives_the_vectors_of_transformers()
    {
        var json = Golden.Json("standin-encoder/embeddings.json");
        var texts = json["texts"]!.AsArray().Select(t => (string)t!).ToArray();
        using var expected = Golden.Tensors("standin-encoder/embeddings.safetensors")["normalized_mean"];
        using var encoder = SentenceEncoder.LoadDefault();
        double worst = Golden.WorstDifference(Golden.Rows(expected), encoder.Encode(texts));
        TestContext.WriteLine($"default encoder: worst deviation {worst:e2}");
        Assert.IsLessThan(1e-5, worst);
        CollectionAssert.AreEqual(json["input_ids"]![3]!.AsArray().Select(i => (int)i!).ToArray(), encoder.Tokenize(texts[3]).ToArray());
    }
}
