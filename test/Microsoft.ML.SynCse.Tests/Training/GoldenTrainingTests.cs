namespace Microsoft.ML.SynCse.Tests;

/// <summary>Step by step against PyTorch (golden/training).</summary>
[TestClass]
[TestCategory(SharedFolder.Category)]
public sealed class GoldenTrainingTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("tiny-bert", "golden/architectures/bert", "mean")]
    [DataRow("tiny-bert", "golden/architectures/bert", "cls-mlp")]
    [DataRow("tiny-bert", "golden/architectures/bert", "cls-mlp-mlm")]
    [DataRow("tiny-bert", "golden/architectures/bert", "two-by-two")]
    [DataRow("tiny-roberta", "golden/architectures/roberta", "mean")]
    [DataRow("tiny-roberta", "golden/architectures/roberta", "cls-mlp")]
    [DataRow("tiny-roberta", "golden/architectures/roberta", "cls-mlp-mlm")]
    [DataRow("tiny-roberta", "golden/architectures/roberta", "two-by-two")]
    [DataRow("all-MiniLM-L6-v2", "models/all-MiniLM-L6-v2", "mean")]
    [DataRow("all-MiniLM-L6-v2", "models/all-MiniLM-L6-v2", "cls-mlp")]
    [DataRow("all-MiniLM-L6-v2", "models/all-MiniLM-L6-v2", "cls-mlp-mlm")]
    [DataRow("all-MiniLM-L6-v2", "models/all-MiniLM-L6-v2", "two-by-two")]
    public void Every_step_is_the_one_of_PyTorch(string run, string model, string name)
        => GoldenTraining.Check(
            SharedFolder.Path($"golden/training/{run}"), SharedFolder.Path(model), name,
            run.StartsWith("tiny", StringComparison.Ordinal) ? GoldenTraining.Tiny : GoldenTraining.Real, TestContext);
}
