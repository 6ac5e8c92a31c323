namespace Microsoft.ML.SynCse.Tests;

/// <summary>The same with files of real size.</summary>
[TestClass]
[DoNotParallelize]
[TestCategory(SharedFolder.Category)]
public sealed class RealMutationTests
{
    private const long Slack = 64 << 20;
    private readonly TemporaryFolder _temporary = new();

    public TestContext TestContext { get; set; } = null!;

    [TestInitialize]
    public void LoadTorch()
    {
        using var encoder = TinyEncoder.Load();
        encoder.Encode(["a cat"]);
    }

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("all-MiniLM-L6-v2", "tokenizer.json", 60)]
    [DataRow("all-MiniLM-L6-v2", "vocab.txt", 30)]
    [DataRow("standin-encoder", "model.safetensors", 60)]
    [DataRow("standin-encoder", "tokenizer.json", 60)]
    public void Mutated_real_files_load_or_are_refused(string model, string name, int count)
    {
        string folder = Copy(SharedFolder.Path("models/" + model));
        if (name == "vocab.txt") File.Delete(Path.Combine(folder, "tokenizer.json"));
        string path = Path.Combine(folder, name);
        var run = new MutationRun(() => SentenceEncoder.Load(folder), File.ReadAllBytes(path), bytes => File.WriteAllBytes(path, bytes),
            folder);
        if (name == "model.safetensors") run.Run(SafetensorsMutations.Make, count / 2, seed: 1);
        else if (name == "tokenizer.json") run.Run(new JsonMutations("model.vocab", "added_tokens.0.id").Make, count / 2, seed: 1);
        run.Run(ByteMutations.Make, count - run.Loaded - run.Refused, seed: 10_001);
        long size = Directory.EnumerateFiles(folder).Max(f => new FileInfo(f).Length);
        TestContext.WriteLine(
            $"{model}/{name}: {run.Loaded} loaded, {run.Refused} refused; slowest {run.Slowest.TotalMilliseconds:F0} ms, peak "
            + $"{run.Peak / 1048576.0:F1} MB beside files of up to {size / 1048576.0:F1} MB\n{run.Counts}");
        Assert.AreEqual("", string.Join("\n", run.Faults.Take(40)), $"{run.Faults.Count} faults");
        Assert.IsLessThan(TimeSpan.FromSeconds(10), run.Slowest);
        Assert.IsLessThan(2 * size + Slack, run.Peak);
    }

    private string Copy(string model)
    {
        string folder = _temporary.New("model");
        foreach (string file in Directory.EnumerateFiles(model, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(model, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            using var source = File.OpenRead(file);
            using var target = File.Create(copy);
            source.CopyTo(target);
        }
        return folder;
    }
}
