namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class VectorStoreCommandTests
{
    [TestMethod]
    public async Task What_was_added_is_found_in_another_process_and_once()
    {
        using var folder = new TemporaryFolder();
        string encoderFolder = TinyEncoder.WriteFolder(folder);
        var (first, second, database) = (folder.New("first.txt"), folder.New("second.txt"), folder.New("store.db"));
        File.WriteAllLines(first, ["my order is late", "", "the cat is nice"]);
        File.WriteAllLines(second, ["my order is late", "cancel my order"]);
        await Run("--add", first);
        await Run("--add", first);
        await Run("--add", second);

        var found = await Run("--query", "my order is late", "--top", "9");
        Assert.HasCount(3, found.Output.Split("my order is late"), "the title and one row, wherever it came from\n" + found.Output);
        StringAssert.Contains(found.Output, "1.000 │ my order is late");
        StringAssert.Contains(found.Output, "the cat is nice");
        var filtered = await Run("--query", "order", "--source", Path.GetFileName(first));
        StringAssert.Contains(filtered.Output, "the cat is nice");
        Assert.DoesNotContain("cancel", filtered.Output);

        Task<SampleProcess> Run(params string[] arguments)
            => SampleProcess.SucceedAsync(folder, ["vector-store", "--model", encoderFolder, "--database", database, .. arguments]);
    }

    [TestMethod]
    public async Task Queries_and_documents_get_their_prompts()
    {
        using var folder = new TemporaryFolder();
        string encoderFolder = TinyEncoder.WriteFolder(folder);
        File.WriteAllText(
            Path.Combine(encoderFolder, "config_sentence_transformers.json"), """{"prompts": {"query": "my ", "document": "your cat "}}""");
        var (lines, database) = (folder.New("lines.txt"), folder.New("store.db"));
        File.WriteAllLines(lines, ["order"]);
        var run = await SampleProcess.SucceedAsync(
            folder, "vector-store", "--model", encoderFolder, "--database", database, "--add", lines, "--query", "order");
        using var encoder = SentenceEncoder.Load(encoderFolder);
        double expected = Cosine(encoder.EncodeQuery(["order"])[0], encoder.EncodeDocument(["order"])[0]);
        Assert.IsLessThan(0.999, expected, "the prompts matter");
        StringAssert.Contains(run.Output, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{expected:F3} │ order"));

        static double Cosine(float[] a, float[] b) => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(a, b);
    }

    [TestMethod]
    public async Task Vectors_of_two_models_do_not_meet()
    {
        using var folder = new TemporaryFolder();
        var (lines, database) = (folder.New("lines.txt"), folder.New("store.db"));
        File.WriteAllLines(lines, ["my order is late"]);
        await SampleProcess.SucceedAsync(
            folder, "vector-store", "--model", TinyEncoder.WriteFolder(folder), "--database", database, "--add", lines);
        var run = await SampleProcess.RunAsync(folder, null, "vector-store", "--database", database, "--query", "x");
        Assert.AreEqual(1, run.ExitCode);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.ErrorLines[0], "were made by the model");
    }

    [TestMethod]
    public async Task A_file_that_is_no_database_is_named()
    {
        using var folder = new TemporaryFolder();
        string database = folder.New("store.db");
        File.WriteAllText(database, "no database, but long enough to be looked at as one");
        var run = await SampleProcess.RunAsync(
            folder, null, "vector-store", "--model", TinyEncoder.WriteFolder(folder), "--database", database, "--query", "x");
        Assert.AreEqual(1, run.ExitCode);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.ErrorLines[0], $"'{database}' cannot be opened as a SQLite database");
    }
}
