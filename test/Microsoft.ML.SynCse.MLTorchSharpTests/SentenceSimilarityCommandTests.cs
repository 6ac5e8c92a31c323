using System.Diagnostics;
using SynCse.Samples;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The sub-command that Microsoft.ML.TorchSharp brings along.</summary>
[TestClass]
public sealed class SentenceSimilarityCommandTests
{
    private static readonly string[] _triplets =
    [
        "anchor,positive,negative",
        "Where is it?,\"It has not come, has it?\",It has come.",
        "\"He said \"\"no\"\".\",He refused.,\"He said\nyes, at once.\"",
    ];

    [TestMethod]
    public async Task Scored_pairs_are_written_as_the_trainer_reads_them()
    {
        using var folder = new TemporaryFolder();
        string output = folder.New("pairs.csv");
        var (exitCode, printed, errors) = await RunAsync(folder, "--triplets", Write(folder, _triplets), "--output", output);
        Assert.AreEqual(0, exitCode, errors);
        StringAssert.Contains(printed, "4 scored pairs in");
        Assert.AreEqual("Label,Sentence1,Sentence2", File.ReadLines(output).First());

        var mlContext = new MLContext();
        var pairs = ScoredSentencePairFile.Load(mlContext, output);
        (float, string, string)[] expected =
        [
            (5, "Where is it?", "It has not come, has it?"), (1, "Where is it?", "It has come."),
            (5, "He said \"no\".", "He refused."), (1, "He said \"no\".", "He said yes, at once."),
        ];
        var found = mlContext.Data.CreateEnumerable<ScoredSentencePair>(pairs, reuseRowObject: false);
        CollectionAssert.AreEqual(expected, found.Select(pair => (pair.Label, pair.Sentence1, pair.Sentence2)).ToArray());
    }

    [TestMethod]
    public async Task Training_is_refused_in_one_line_that_says_why_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var (output, model) = (folder.New("pairs.csv"), folder.New("model.zip"));
        var (exitCode, _, errors) = await RunAsync(folder, "--triplets", Write(folder, _triplets), "--output", output, "--train", model);
        Assert.AreEqual(1, exitCode);
        Assert.HasCount(1, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), errors);
        string[] parts =
        [
            "Microsoft.ML.TorchSharp 0.23.1 cannot run", "built against TorchSharp 0.102.7", "this process has 0.107.0",
            "in a program of its own", $"LoadFromTextFile<Pair>(\"{Path.GetFileName(output)}\"",
        ];
        foreach (string part in parts) StringAssert.Contains(errors, part);
        Assert.HasCount(5, File.ReadAllLines(output));
        Assert.IsFalse(File.Exists(model));
    }

    [TestMethod]
    public async Task Pairs_give_one_row_each_and_single_sentences_none()
    {
        using var folder = new TemporaryFolder();
        string output = folder.New("pairs.csv");
        var done = await RunAsync(folder, "--triplets", Write(folder, "anchor,positive", "a b,b a", "c d,d c"), "--output", output);
        Assert.AreEqual(0, done.ExitCode, done.Errors);
        Assert.HasCount(3, File.ReadAllLines(output));
        var (exitCode, _, errors) = await RunAsync(folder, "--triplets", Write(folder, "sentence", "a b", "c d"), "--output", output);
        Assert.AreEqual(1, exitCode);
        StringAssert.Contains(errors, "no positive column");
    }

    private static string Write(TemporaryFolder folder, params string[] lines)
    {
        string path = folder.New("triplets.csv");
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(TemporaryFolder folder, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "syncse-samples.exe" : "syncse-samples");
        using var process = Process.Start(new ProcessStartInfo(program, ["sentence-similarity", .. arguments])
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
