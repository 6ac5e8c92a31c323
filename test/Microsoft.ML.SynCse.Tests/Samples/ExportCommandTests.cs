using System.Globalization;
using SynCse.Samples;

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

    [TestMethod]
    public async Task ONNX_files_are_written_and_compared_with_the_model()
    {
        using var folder = new TemporaryFolder();
        var (sentences, pairs, output) = (folder.New("sentences.txt"), folder.New("pairs.tsv"), folder.New("exported"));
        File.WriteAllLines(sentences, TinyEncoder.Sentences(30));
        File.WriteAllLines(pairs, TinyEncoder.Triplets(30).Select((t, i) => $"{i % 6}\t{t.Anchor}\t{t.Positives[0]}"));
        string encoder = TinyEncoder.WriteFolder(folder, normalize: true);
        var run = await SampleProcess.SucceedAsync(
            folder, "export", "--model", encoder, "--output", output, "--onnx", "--int8", "avx2", "--verify", sentences);
        StringAssert.Contains(
            run.Output, "onnx/model.onnx: cosine to the model's own vectors 1.00000 on average, 1.00000 at least, over 30");
        StringAssert.Contains(run.Output, "onnx/model_qint8_avx2.onnx: cosine");
        using (var torch = SentenceEncoder.Load(output))
        using (var onnx = OnnxSentenceEncoder.Load(output))
            Assert.IsLessThan(1e-5, Golden.WorstDifference(torch.Encode(["my order was late"]), onnx.Encode(["my order was late"])));

        run = await SampleProcess.SucceedAsync(
            folder, "export", "--model", encoder, "--output", folder.New("scored"), "--int8", "avx2", "--verify", pairs);
        StringAssert.Contains(run.Output, "; Spearman ");
        run = await SampleProcess.RunAsync(
            folder, null, "export", "--model", encoder, "--output", folder.New("none"), "--verify", sentences);
        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.ErrorLines.Single(), "give --onnx or --int8");
    }

    [TestMethod]
    [DataRow("1")]
    [DataRow("2")]
    public async Task Torch_has_as_many_threads_as_the_process_has_CPUs(string cpus)
    {
        using var folder = new TemporaryFolder();
        var surroundings = new SampleSurroundings
        {
            Environment = new Dictionary<string, string?> { ["DOTNET_PROCESSOR_COUNT"] = cpus, ["OMP_NUM_THREADS"] = null },
        };
        var run = await SampleProcess.RunInAsync(folder, surroundings, "doctor");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, $"{cpus} used (DOTNET_PROCESSOR_COUNT changes it)");
        StringAssert.Matches(
            run.Output, new($"threads +{Math.Min(int.Parse(cpus, CultureInfo.InvariantCulture), Environment.ProcessorCount)} "));
    }

    [TestMethod]
    public void CPUs_are_counted_as_the_system_lists_them()
    {
        Assert.AreEqual(4, HostCpus.Count("0-3\n"));
        Assert.AreEqual(7, HostCpus.Count("0-3,8-9,12"));
        Assert.IsNull(HostCpus.Count("all"));
        Assert.AreEqual(2, HostCpus.Share("200000", "100000"));
        Assert.AreEqual(0.5, HostCpus.Share("50000", "100000"));
        Assert.IsNull(HostCpus.Share("max", "100000"));
        Assert.IsNull(HostCpus.Share("-1", "100000"));
    }
}
