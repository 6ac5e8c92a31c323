namespace Microsoft.ML.SynCse.Tests;

/// <summary>Every training run of the goldens, step by step against PyTorch.</summary>
[TestClass]
[TestCategory(GoldenRoot.Category)]
public sealed class TrainingGoldenTests
{
    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Cases()
        => GoldenRoot.Names("training")
            .SelectMany(run => Golden.JsonFile(Path.Combine(GoldenRoot.Folder, "training", run, "expected.json"))["cases"]!.AsObject()
                .Select(c => new object[] { run, c.Key }))
            .DefaultIfEmpty(["", ""]);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Every_step_is_the_one_of_PyTorch(string run, string name)
    {
        string folder = GoldenRoot.Find("training", run);
        string model = (string)Golden.JsonFile(Path.Combine(folder, "expected.json"))["model"]!;
        GoldenTraining.Check(folder, GoldenRoot.Find("architectures", model), name, GoldenTraining.Tiny, TestContext);
    }
}
