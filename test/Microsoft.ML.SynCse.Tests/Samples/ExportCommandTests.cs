namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ExportCommandTests
{
    [TestMethod]
    public async Task A_tuned_models_folder_has_its_card_and_gives_the_same_vectors()
    {
        using var folder = new TemporaryFolder();
        var (triplets, zip, output) = (folder.New("triplets.csv"), folder.New("model.zip"), folder.New("exported"));
        File.WriteAllLines(
            triplets, ["anchor,positive,negative",
            .. TinyEncoder.Triplets(40).Select(t => $"{t.Anchor},{t.Positives[0]},{t.Negatives[0]}")]);
        await SampleProcess.SucceedAsync(
            folder, "tune", "--triplets", triplets, "--encoder", TinyEncoder.WriteFolder(folder), "--output", zip, "--batch-size", "8");
        var run = await SampleProcess.SucceedAsync(
            folder, "export", "--model", zip, "--output", output, "--license", "mit", "--language", "en", "--note", "Made in a test.");
        StringAssert.Contains(run.Output, "1_Pooling/config.json");

        string card = File.ReadAllText(Path.Combine(output, "README.md"));
        StringAssert.Contains(card, "license: \"mit\"");
        StringAssert.Contains(card, "Made in a test.");
        StringAssert.Contains(card, "SentenceEncoder.Load(");
        using var tuned = SentenceEncoder.Load(zip);
        using var exported = SentenceEncoder.Load(output);
        string[] sentences = TinyEncoder.Sentences(20);
        Assert.AreEqual(0.0, Golden.WorstDifference(tuned.Encode(sentences), exported.Encode(sentences)));
    }

    [TestMethod]
    public async Task A_folder_with_content_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        string output = folder.New("full");
        Directory.CreateDirectory(output);
        File.WriteAllText(Path.Combine(output, "mine.txt"), "mine");
        var run = await SampleProcess.RunAsync(folder, null, "export", "--model", "default", "--output", output);
        Assert.AreEqual(1, run.ExitCode);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.ErrorLines[0], "is not an empty folder");
        Assert.HasCount(1, Directory.GetFileSystemEntries(output));
    }
}
