using System.IO.Compression;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The tune program killed with SIGKILL at random moments and run again: its weights are, byte for byte, those of a run that
/// nobody disturbed.</summary>
[TestClass]
[DoNotParallelize]
public sealed class TrainingKillCampaign
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Campaign")]
    public Task Twenty_kills() => KillAsync(20, epochs: 40);

    [TestMethod]
    public Task Three_kills() => KillAsync(3, epochs: 12);

    private async Task KillAsync(int kills, int epochs)
    {
        using var folder = new TemporaryFolder();
        var (triplets, encoder) = (folder.New("triplets.csv"), TinyEncoder.WriteFolder(folder));
        File.WriteAllLines(
            triplets, ["anchor,positive,negative",
            .. TinyEncoder.Triplets(120).Select(t => $"{t.Anchor},{t.Positives[0]},{t.Negatives[0]}")]);
        string[] Arguments(string output, string checkpoints)
            => ["tune", "--triplets", triplets, "--encoder", encoder, "--output", output, "--batch-size", "8", "--epochs", $"{epochs}",
            "--learning-rate", "0.001", "--evaluate-every", "7", "--mlm-weight", "0.1", "--no-keep-start", "--checkpoint-folder",
                checkpoints, "--checkpoint-every", "1"];

        var (first, second) = (folder.New("first.zip"), folder.New("second.zip"));
        await SampleProcess.SucceedAsync(folder, Arguments(first, folder.New("c1")));
        await SampleProcess.SucceedAsync(folder, Arguments(second, folder.New("c2")));
        CollectionAssert.AreEqual(Weights(first), Weights(second), "two runs that nobody disturbed");

        var (output, checkpoints) = (folder.New("killed.zip"), folder.New("c3"));
        var random = new Random(5);
        int total = 13 * epochs, killed = 0;
        var at = new List<int>();
        for (int kill = 1; kill <= kills; kill++)
        {
            int step = total * kill / (kills + 2) + random.Next(3);
            var run = await SampleProcess.RunInAsync(folder, new()
            {
                Meanwhile = async process =>
                {
                    while (!process.HasExited && Newest(checkpoints) < step) await Task.Delay(1);
                    // Into the next step, or into the writing of its checkpoint.
                    await Task.Delay(random.Next(15));
                    process.Kill();
                },
            }, Arguments(output, checkpoints));
            if (run.ExitCode == 0) continue;
            killed++;
            at.Add(Newest(checkpoints));
        }
        await SampleProcess.SucceedAsync(folder, Arguments(output, checkpoints));
        Assert.AreEqual(kills, killed, "a run ended before its kill");
        CollectionAssert.AreEqual(Weights(first), Weights(output));
        TestContext.WriteLine(
            $"{killed} kills behind the steps {string.Join(", ", at)} of {total}: the same weights, byte for byte; two whole runs: the "
            + $"same");
    }

    private static int Newest(string folder)
        => Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*.checkpoint")
            .Select(f => int.Parse(Path.GetFileNameWithoutExtension(f).AsSpan(5), System.Globalization.CultureInfo.InvariantCulture))
            .DefaultIfEmpty().Max() : 0;

    private static byte[] Weights(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        using var stream = archive.Entries.Single(e => e.FullName.EndsWith("model.safetensors", StringComparison.Ordinal)).Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
