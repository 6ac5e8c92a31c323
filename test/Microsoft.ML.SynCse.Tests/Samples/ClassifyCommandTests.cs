using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ClassifyCommandTests
{
    private static readonly string[] Things = ["chair", "lamp", "kettle", "iron", "carpet", "mirror", "toaster", "desk", "shelf", "pillow"];

    [TestMethod]
    public async Task Two_topics_are_told_apart_and_the_saved_model_says_the_same()
    {
        using var folder = new TemporaryFolder();
        var (input, texts, output) = (WriteLabelled(folder), folder.New("new.txt"), folder.New("model.zip"));
        File.WriteAllLines(texts, ["Please refund my money for the sofa.", "When will the sofa be delivered?"]);
        var run = await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "4", "--predict", texts, "--output", output);

        double accuracy = double.Parse(Regex.Match(run.Output, @"accuracy \(micro\)\s+│\s+([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.IsGreaterThan(0.9, accuracy, run.Output);
        double largest = double.Parse(Regex.Match(run.Output, @"largest class\s+│\s+([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.AreEqual(0.5, largest, 1e-9);
        StringAssert.Matches(run.Output, new Regex(@"refund\s+│\s+[01]\.\d{3}\s+│ Please refund my money"));
        StringAssert.Matches(run.Output, new Regex(@"delivery\s+│\s+[01]\.\d{3}\s+│ When will the sofa"));

        var mlContext = new MLContext();
        var model = mlContext.Model.LoadOrExplain(output, out _);
        using var engine = mlContext.Model.CreatePredictionEngine<ClassifierInput, ClassifierOutput>(model);
        Assert.AreEqual("refund", engine.Predict(new() { Text = "Please refund my money for the sofa." }).PredictedLabel);
        Assert.AreEqual("delivery", engine.Predict(new() { Text = "When will the sofa be delivered?" }).PredictedLabel);
    }

    [TestMethod]
    public async Task A_header_may_name_the_columns_in_any_order()
    {
        using var folder = new TemporaryFolder();
        var input = folder.New("rows.tsv");
        File.WriteAllLines(input, ["text\tother\tlabel", .. Rows().Select(row => $"{row.Text}\tx\t{row.Label}")]);
        var run = await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "2");
        StringAssert.Contains(run.Output, "20 rows, 2 folds");
    }

    [TestMethod]
    public async Task Wrong_input_is_told_in_one_line()
    {
        using var folder = new TemporaryFolder();
        var input = WriteLabelled(folder);
        await Fails("--folds is 11", "--input", input, "--folds", "11");
        await Fails("has 1 class", "--input", Write("one.csv", "a,first text", "a,second text"));
        await Fails("has 3 rows; a cross-validation needs 4", "--input", Write("few.csv", "a,first text", "b,second text", "a,third text"));
        await Fails("Line 2 of", "--input", Write("empty.csv", "a,first text", ",second text"));
        await Fails("Line 2 of", "--input", Write("short.csv", "a,first text", "b"));

        string Write(string name, params string[] lines)
        {
            var path = folder.New(name);
            File.WriteAllLines(path, lines);
            return path;
        }

        async Task Fails(string expected, params string[] arguments)
        {
            var run = await SampleProcess.RunAsync(folder, null, ["classify", .. arguments]);
            Assert.AreEqual(1, run.ExitCode, run.Output);
            Assert.HasCount(1, run.ErrorLines, run.Error);
            StringAssert.Contains(run.ErrorLines[0], expected);
        }
    }

    private static IEnumerable<(string Label, string Text)> Rows()
        => Things.SelectMany(thing => new[] { ("refund", $"I want my money back for the {thing}, please refund it."), ("delivery", $"When will my {thing} arrive? The delivery is late.") });

    private static string WriteLabelled(TemporaryFolder folder)
    {
        var path = folder.New("rows.csv");
        File.WriteAllLines(path, Rows().Select(row => $"{row.Label},\"{row.Text}\""));
        return path;
    }

    private sealed class ClassifierInput
    {
        public string Label { get; set; } = "";

        public string Text { get; set; } = "";
    }

    private sealed class ClassifierOutput
    {
        public string PredictedLabel { get; set; } = "";
    }
}
