using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ClassifyCommandTests
{
    private static readonly string[] _things =
        ["chair", "lamp", "kettle", "iron", "carpet", "mirror", "toaster", "desk", "shelf", "pillow"];

    [TestMethod]
    public async Task Two_topics_are_told_apart_and_the_saved_model_says_the_same()
    {
        using var folder = new TemporaryFolder();
        var (input, texts, output) = (WriteLabelled(folder), folder.New("new.txt"), folder.New("model.zip"));
        File.WriteAllLines(texts, ["Please refund my money for the sofa.", "When will the sofa be delivered?"]);
        var run = await SampleProcess.SucceedAsync(
            folder, "classify", "--input", input, "--folds", "4", "--predict", texts, "--output", output);

        double accuracy =
            double.Parse(Regex.Match(run.Output, @"accuracy \(micro\)\s+│\s+([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.IsGreaterThan(0.9, accuracy, run.Output);
        double largest =
            double.Parse(Regex.Match(run.Output, @"largest class\s+│\s+([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.AreEqual(0.5, largest, 1e-9);
        StringAssert.Matches(run.Output, new Regex(@"refund\s+│\s+[01]\.\d{3}\s+│ Please refund my money"));
        StringAssert.Matches(run.Output, new Regex(@"delivery\s+│\s+[01]\.\d{3}\s+│ When will the sofa"));

        var mlContext = new MLContext();
        var model = mlContext.Model.LoadWithDiagnostics(output, out _);
        using var engine = mlContext.Model.CreatePredictionEngine<ClassifierInput, ClassifierOutput>(model);
        Assert.AreEqual("refund", engine.Predict(new() { Text = "Please refund my money for the sofa." }).PredictedLabel);
        Assert.AreEqual("delivery", engine.Predict(new() { Text = "When will the sofa be delivered?" }).PredictedLabel);
    }

    [TestMethod]
    public async Task A_header_may_name_the_columns_in_any_order()
    {
        using var folder = new TemporaryFolder();
        string input = folder.New("rows.tsv");
        File.WriteAllLines(input, ["text\tother\tlabel", .. Rows().Select(row => $"{row.Text}\tx\t{row.Label}")]);
        var run = await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "2");
        StringAssert.Contains(run.Output, "20 rows, 2 folds");
    }

    [TestMethod]
    [DataRow("text,intent", ",", "label 'intent', text 'text'")]
    [DataRow("id;Utterance;Category", ";", "label 'Category', text 'Utterance'; not read: 'id'")]
    [DataRow("sep=|\nlabel|content", "|", "label 'label', text 'content'")]
    public async Task Usual_names_are_found_and_no_header_is_taken_for_a_row(string header, string separator, string columns)
    {
        using var folder = new TemporaryFolder();
        string input = folder.New("rows.csv");
        bool labelFirst = header.Contains("label", StringComparison.Ordinal);
        string Line(string label, string text)
            => (header.StartsWith("id", StringComparison.Ordinal) ? "7" + separator : "")
            + (labelFirst ? $"{label}{separator}\"{text}\"" : $"\"{text}\"{separator}{label}");
        File.WriteAllLines(input, [header, .. Rows().Select(row => Line(row.Label, row.Text))]);
        var run = await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "2");
        StringAssert.Contains(run.Output, $"Columns of {input}: {columns}\n");
        StringAssert.Contains(run.Output, "20 rows, 2 folds");
    }

    [TestMethod]
    public async Task Columns_are_named_by_options_and_a_first_row_may_be_said_to_be_data()
    {
        using var folder = new TemporaryFolder();
        string input = folder.New("rows.csv");
        File.WriteAllLines(input, ["satz,art", .. Rows().Select(row => $"\"{row.Text}\",{row.Label}")]);
        var run =
            await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "2", "--text-column", "satz",
            "--label-column", "art");
        StringAssert.Contains(run.Output, "20 rows, 2 folds");
        File.WriteAllLines(input, ["text,intent", .. Rows().Select(row => $"{row.Label},\"{row.Text}\"")]);
        run = await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "2", "--no-header");
        StringAssert.Contains(run.Output, "label column 1, text column 2");
        StringAssert.Contains(run.Output, "21 rows, 2 folds");
        StringAssert.Contains(run.ErrorLines.Single(), "1 of 3 classes has fewer rows than the 2 folds ('text' 1)");
    }

    [TestMethod]
    public async Task Classes_of_few_rows_are_named_and_the_training_ends()
    {
        using var folder = new TemporaryFolder();
        var (input, texts) = (folder.New("rows.csv"), folder.New("new.txt"));
        File.WriteAllLines(input,
            ["label,text", "late,where is my parcel", "late,my parcel is late", "money,give me a refund", "broken,the lamp does not work",
            "name,change my name", "name,my name is wrong"]);
        File.WriteAllLines(texts, ["my parcel"]);
        var run = await SampleProcess.SucceedAsync(folder, "classify", "--input", input, "--folds", "3", "--predict", texts);
        StringAssert.Contains(run.ErrorLines.Single(),
            "4 of 4 classes have fewer rows than the 3 folds ('broken' 1, 'money' 1, 'late' 2, 'name' 2)");
        StringAssert.Contains(run.Output, "│ my parcel");
    }

    [TestMethod]
    public async Task Wrong_input_is_told_in_one_line()
    {
        using var folder = new TemporaryFolder();
        string input = WriteLabelled(folder);
        await Fails("--folds is 11", "--input", input, "--folds", "11");
        await Fails("has 1 class", "--input", Write("one.csv", "a,first text", "a,second text"));
        await Fails("has 3 rows; a cross-validation needs 4", "--input", Write("few.csv", "a,first text", "b,second text", "a,third text"));
        await Fails("Line 2 of", "--input", Write("empty.csv", "a,first text", ",second text"));
        await Fails("Line 2 of", "--input", Write("short.csv", "a,first text", "b"));
        await Fails("names a text column ('text'), but no label column", "--input", Write("half.csv", "text,foo", "a b,x", "c d,y"));
        await Fails("names a label column ('Intent'), but no text column", "--input",
            Write("half2.csv", "phrase,Intent", "a b,x", "c d,y"));
        await Fails("('v1', 'v2') may be a header", "--input", Write("unknown.csv", "v1,v2", "ham,a b", "spam,c d", "ham,e f", "spam,g h"));
        await Fails("has no column 'foo'. Its first row is: 'text', 'label'", "--input", Write("named.csv", "text,label", "a b,x"),
            "--text-column", "foo");
        await Fails("--no-header says that there is none", "--input", input, "--no-header", "--text-column", "text");
        await Fails("Each of the 4 classes of", "--input", Write("all.csv", "label,text", "a,x x", "b,y y", "c,z z", "d,w w"), "--folds",
            "2");
        await Fails("the 8 rows have 2 different texts", "--input",
            Write("same.csv", "label,text", "a,x x", "a,x x", "b,y y", "b,y y", "b,y y", "b,y y", "a,x x", "a,x x"), "--folds", "3");

        string Write(string name, params string[] lines)
        {
            string path = folder.New(name);
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
        => _things.SelectMany(
            thing => new[] { ("refund", $"I want my money back for the {thing}, please refund it."),
            ("delivery", $"When will my {thing} arrive? The delivery is late.") });

    private static string WriteLabelled(TemporaryFolder folder)
    {
        string path = folder.New("rows.csv");
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
