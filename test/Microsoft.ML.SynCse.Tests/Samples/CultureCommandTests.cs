using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The program under other languages of the machine (LC_ALL): it reads and prints the same.</summary>
[TestClass]
public sealed class CultureCommandTests
{
    private const string Plain = "C";

    [TestMethod]
    [DataRow("de_DE.UTF-8")]
    [DataRow("fr_FR.UTF-8")]
    [DataRow("ar_SA.UTF-8")]
    public async Task A_learning_rate_is_what_was_written(string language)
    {
        using var folder = new TemporaryFolder();
        var (triplets, log) = (folder.New("t.csv"), folder.New("log.jsonl"));
        var rows = TinyEncoder.Triplets(12).Select(t => $"{t.Anchor},{t.Positives[0]},{t.Negatives[0]}");
        File.WriteAllLines(triplets, ["anchor,positive,negative", .. rows]);
        var run = await RunAsync(folder, language, "tune", "--triplets", triplets, "--encoder", TinyEncoder.WriteFolder(folder),
            "--output", folder.New("m.zip"), "--batch-size", "4", "--learning-rate", "0.0001", "--temperature", "0.05",
            "--validation-fraction", "0.25", "--log", log);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(File.ReadLines(log).First(), "\"learning_rate\":0.0001,");
        StringAssert.Matches(run.Output, new Regex(@"loss \d+\.\d{3} to \d+\.\d{3}"));
        StringAssert.Matches(run.Output, new Regex(@"positive nearer than hard negative\s+│\s+[01]\.\d{3}"));
    }

    [TestMethod]
    [DataRow("de_DE.UTF-8")]
    [DataRow("tr_TR.UTF-8")]
    [DataRow("ar_SA.UTF-8")]
    public async Task What_is_printed_is_the_same(string language)
    {
        using var folder = new TemporaryFolder();
        string lines = folder.New("lines.txt");
        File.WriteAllLines(lines, TinyEncoder.Sentences(40));
        string[] estimate = ["synthesize", "--input", lines, "--model", "m", "--output", folder.New("t.csv"), "--estimate"];
        string[][] commands =
        [
            ["tune", "--help"],
            [.. estimate, "--max-output-tokens", "2000", "--max-cost", "1000.5", "--price-input", "0.15", "--price-output", "1234.5"],
            [.. estimate, "--price-input", "0,15", "--price-output", "1"],
            ["encode", "--model", TinyEncoder.WriteFolder(folder), "--input", lines, "--output", folder.New("v.csv")],
        ];
        foreach (string[] command in commands)
        {
            var (expected, found) = (await RunAsync(folder, Plain, command), await RunAsync(folder, language, command));
            Assert.AreEqual(expected.ExitCode, found.ExitCode, found.Error);
            Assert.AreEqual(WithoutSpeed(expected.Output), WithoutSpeed(found.Output));
            Assert.AreEqual(expected.Error, found.Error);
            Assert.AreNotEqual("", expected.Output + expected.Error);
        }
    }

    // How many a second is another number each time, but not written in another way.
    private static string WithoutSpeed(string output) => Regex.Replace(output, "[0-9]+ lines a second", "N lines a second");

    private static Task<SampleProcess> RunAsync(TemporaryFolder folder, string language, params string[] arguments)
        => SampleProcess.RunInAsync(folder, new SampleSurroundings
        {
            Environment = new Dictionary<string, string?> { ["LC_ALL"] = language, ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = null },
        }, arguments);
}
