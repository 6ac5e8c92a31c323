namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[TestCategory(SharedFolder.Category)]
public sealed class GoldenEncoderTests
{
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
        => GoldenVectors.Check(
            SharedFolder.Path(model), SharedFolder.Path("golden/" + expected + ".json")[..^".json".Length], tolerance, TestContext);

    [TestMethod]
    public void The_default_encoder_gives_the_vectors_of_transformers()
    {
        var json = Golden.Json("standin-encoder/embeddings.json");
        string[] texts = json["texts"]!.AsArray().Select(t => (string)t!).ToArray();
        using var expected = Golden.Tensors("standin-encoder/embeddings.safetensors")["normalized_mean"];
        using var encoder = SentenceEncoder.LoadDefault();
        double worst = Golden.WorstDifference(Golden.Rows(expected), encoder.Encode(texts));
        TestContext.WriteLine($"default encoder: worst deviation {worst:e2}");
        Assert.IsLessThan(1e-5, worst);
        CollectionAssert.AreEqual(json["input_ids"]![3]!.AsArray().Select(i => (int)i!).ToArray(), encoder.Tokenize(texts[3]).ToArray());
    }
}
