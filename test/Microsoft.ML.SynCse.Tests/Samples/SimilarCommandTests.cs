using System.Globalization;
using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SimilarCommandTests
{
    [TestMethod]
    public async Task The_nearest_lines_come_with_their_numbers_and_cosines()
    {
        using var folder = new TemporaryFolder();
        string encoderFolder = TinyEncoder.WriteFolder(folder);
        string[] lines = [.. TinyEncoder.Sentences(30).Distinct(), "", "my order is late", "the cat"];
        string input = folder.New("lines.txt");
        File.WriteAllLines(input, lines);
        var run = await SampleProcess.SucceedAsync(
            folder, "similar", "--model", encoderFolder, "--input", input, "--query", "my order is late", "--query", "good dog", "--top",
            "3");

        using var encoder = SentenceEncoder.Load(encoderFolder);
        foreach (string? query in new[] { "my order is late", "good dog" })
        {
            float[] vector = encoder.Encode([query])[0];
            foreach (var (cosine, line,
                text) in lines.Select((text, i) => (Cosine: VectorMath.Cosine(vector, encoder.Encode([text])[0]), Line: i + 1, Text: text))
                .Where(row => row.Text.Length > 0).OrderByDescending(row => row.Cosine).Take(3))
            {
                string row = run.Output.Split('\n')
                    .FirstOrDefault(l => l.Contains($" {line} │ {text} ", StringComparison.Ordinal)
                    && l.Contains(cosine.ToString("F3", CultureInfo.InvariantCulture), StringComparison.Ordinal)) ?? "";
                Assert.AreNotEqual("", row, $"'{text}' of line {line} with {cosine:F3} for '{query}' in\n{run.Output}");
            }
        }
    }

    [TestMethod]
    public async Task Lines_under_the_least_cosine_are_left_out()
    {
        using var folder = new TemporaryFolder();
        string input = folder.New("lines.txt");
        File.WriteAllLines(input, ["my order is late", "the cat", "a bird"]);
        var run = await SampleProcess.SucceedAsync(
            folder, "similar", "--model", TinyEncoder.WriteFolder(folder), "--input", input, "--query", "my order is late", "--min",
            "0.999");
        StringAssert.Contains(run.Output, "1 │ my order is late");
        Assert.DoesNotContain("the cat", run.Output);
        Assert.DoesNotContain("a bird", run.Output);
    }

    [TestMethod]
    [DataRow("--top", "0", "--top is 0")]
    [DataRow("--min", "2", "--min must be a cosine")]
    [DataRow("--query", "", "--query is empty")]
    public async Task A_wrong_option_is_told_in_one_line(string option, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        string input = folder.New("lines.txt");
        File.WriteAllText(input, "one\n");
        var run = await SampleProcess.RunAsync(
            folder, null, ["similar", "--input", input, option, value, .. option == "--query" ? [] : new[] { "--query", "x" }]);
        Assert.AreEqual(1, run.ExitCode);
        Assert.HasCount(1, run.ErrorLines);
        StringAssert.Contains(run.ErrorLines[0], expected);
    }
}
