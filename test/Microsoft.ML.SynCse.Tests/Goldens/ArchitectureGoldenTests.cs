namespace Microsoft.ML.SynCse.Tests;

/// <summary>Every architecture folder of the goldens: its token ids and its vectors are those of transformers and PyTorch.</summary>
[TestClass]
[TestCategory(GoldenRoot.Category)]
public sealed class ArchitectureGoldenTests
{
    private const int MaxTokens = 64, NastyTextsThatMayDiffer = 6;

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Architectures() => GoldenRoot.Rows("architectures");

    [TestMethod]
    [DynamicData(nameof(Architectures))]
    public void Token_ids_are_those_of_Hugging_Face(string architecture)
    {
        string folder = GoldenRoot.Find("architectures", architecture);
        var golden = GoldenTokens.ReadFile(Path.Combine(folder, "expected-tokens.jsonl"));
        Assert.IsNotEmpty(golden);
        using var encoder = SentenceEncoder.Load(folder, new() { MaxSequenceLength = MaxTokens });
        var wrong = golden.Where(row => !encoder.Tokenize(row.Text).SequenceEqual(row.Ids)).ToList();
        string report = string.Join(
            '\n', wrong.Select(
            row => $"'{row.Text}'\n  is        {string.Join(' ', encoder.Tokenize(row.Text))}\n  should be {string.Join(' ', row.Ids)}"));
        Assert.IsFalse(wrong.Exists(row => row.Ordinary), report);
        Assert.IsLessThanOrEqualTo(NastyTextsThatMayDiffer, wrong.Count, report);
        TestContext.WriteLine($"{architecture}: {golden.Count} texts, {wrong.Count} differ");
    }

    [TestMethod]
    [DynamicData(nameof(Architectures))]
    public void Vectors_are_those_of_transformers_in_every_pooling(string architecture)
        => GoldenVectors.Check(
            GoldenRoot.Find("architectures", architecture),
            Path.Combine(GoldenRoot.Find("architectures", architecture), "expected-embeddings"), 2e-5, TestContext);
}
