using System.Buffers.Binary;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TuneCommandTests
{
    private static readonly string[] TwoSteps = ["--batch-size", "8", "--max-length", "16"];

    [TestMethod]
    public async Task Quoted_rows_and_a_scored_file_give_a_model_and_both_correlations()
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20).Select(row => $"\"{row.Anchor}, \"\"yes\"\"\r\nno\",{row.Positives[0]},\"{row.Negatives[0]}\"");
        var triplets = Write(folder, "t.csv", string.Join("\r\n", ["sent0,sent1,hard_neg", .. rows]));
        var scored = Write(folder, "s.tsv", string.Join('\n', TinyEncoder.Triplets(10).Select((row, i) => $"{i / 2.0}\t{row.Anchor}\t{row.Negatives[0]}\tany source")));
        var output = folder.New("model.zip");
        var run = await SampleProcess.SucceedAsync(folder, ["tune", "--triplets", triplets, "--encoder", TinyEncoder.WriteFolder(folder), "--scored", scored, "--output", output, .. TwoSteps]);
        StringAssert.Contains(run.Output, "2 steps on 18 rows");
        StringAssert.Contains(run.Output, "10 scored pairs: Spearman correlation");
        Assert.HasCount(TinyEncoder.Dimensions, Score(output, "my parcel is late"));
    }

    [TestMethod]
    public async Task A_run_is_logged_and_drawn()
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20).Select(row => $"{row.Anchor},{row.Positives[0]},{row.Negatives[0]}");
        var (log, plot) = (folder.New("log.jsonl"), folder.New("run.png"));
        await SampleProcess.SucceedAsync(folder, ["tune", "--triplets", Write(folder, "t.csv", string.Join('\n', ["anchor,positive,negative", .. rows])), "--encoder", TinyEncoder.WriteFolder(folder),
            "--output", folder.New("model.zip"), "--log", log, "--plot", plot, .. TwoSteps]);
        Assert.HasCount(2, File.ReadAllLines(log));
        var png = File.ReadAllBytes(plot);
        CollectionAssert.AreEqual(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }, png[..4]);
        Assert.AreEqual((1000, 800), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        // Lines and letters take more than an empty white picture, which is under 4 KB.
        Assert.IsGreaterThan(10_000, png.Length);
    }

    [TestMethod]
    public async Task A_resumed_run_is_drawn_with_the_steps_before_it()
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20).Select(row => $"{row.Anchor},{row.Positives[0]},{row.Negatives[0]}");
        string[] arguments = ["tune", "--triplets", Write(folder, "t.csv", string.Join('\n', ["anchor,positive,negative", .. rows])), "--encoder", TinyEncoder.WriteFolder(folder),
            "--output", folder.New("model.zip"), "--checkpoint-folder", folder.New("run"), .. TwoSteps];
        var (whole, resumed) = (folder.New("whole.png"), folder.New("resumed.png"));
        await SampleProcess.SucceedAsync(folder, [.. arguments, "--plot", whole]);
        // Its checkpoint is of the last step: not one is left to report.
        await SampleProcess.SucceedAsync(folder, [.. arguments, "--plot", resumed]);
        CollectionAssert.AreEqual(File.ReadAllBytes(whole), File.ReadAllBytes(resumed));
    }

    [TestMethod]
    [DataRow("anchor\tpositive", 2)]
    [DataRow("sentence", 1)]
    public async Task Pairs_and_single_sentences_tune_too(string header, int columns)
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(16).Select(row => string.Join('\t', new[] { row.Anchor, row.Positives[0] }.Take(columns)));
        var output = folder.New("model.zip");
        var run = await SampleProcess.SucceedAsync(folder, ["tune", "--triplets", Write(folder, "t.tsv", string.Join('\n', [header, .. rows])),
            "--encoder", TinyEncoder.WriteFolder(folder), "--output", output, "--validation-fraction", "0", .. TwoSteps]);
        StringAssert.Contains(run.Output, "2 steps on 16 rows");
        Assert.HasCount(TinyEncoder.Dimensions, Score(output, "my parcel is late"));
    }

    [TestMethod]
    [DataRow("", "is empty")]
    [DataRow("anchor,positive\na,b\none, two,three\n", "Line 3 of")]
    [DataRow("anchor,positive\na,b\nthe \"cat\",three\n", "Line 3 of")]
    [DataRow("anchor,positive\na,\"b\nthe cat,three\n", "double quote")]
    [DataRow("first,second\na,b\n", "names no anchor column")]
    [DataRow("anchor,positiv,negative\na,b,c\nd,e,f\n", "names no positive column")]
    [DataRow("anchor,positive\na,b\n", "Only one row")]
    [DataRow("anchor,positive\n", "no rows")]
    [DataRow("anchor,positive\n,b\n,c\n", "No row of 2")]
    public async Task A_file_that_cannot_be_trained_on_is_told_in_one_line(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        await Fails(folder, 1, expected, "--triplets", Write(folder, "t.csv", content), "--output", folder.New("model.zip"));
    }

    [TestMethod]
    public async Task Wrong_arguments_are_told_in_one_line_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var triplets = Write(folder, "t.csv", "anchor,positive\na,b\nc,d\n");
        var output = folder.New("model.zip");
        await Fails(folder, 1, "There is no file", "--triplets", folder.New("none.csv"), "--output", output);
        await Fails(folder, 1, "--no-header", "--triplets", triplets, "--columns", "anchor,positive", "--no-header", "--output", output);
        await Fails(folder, 1, "has no column 'question'", "--triplets", triplets, "--columns", "question,positive", "--output", output);
        await Fails(folder, 1, "does not exist; create it", "--triplets", triplets, "--output", Path.Combine(folder.New("none"), "model.zip"));
        await Fails(folder, 1, "is a folder", "--triplets", triplets, "--output", folder.Root);
        await Fails(folder, 1, "has no config.json", "--triplets", triplets, "--encoder", folder.Root, "--output", output);
        await Fails(folder, 1, "Epochs must be at least 1", "--triplets", triplets, "--epochs", "0", "--output", output);
        await Fails(folder, 1, "Device 'cuda:99'", "--triplets", triplets, "--device", "cuda:99", "--output", output);
        await Fails(folder, 2, "'--triplets' is required", "--output", output);
        await Fails(folder, 2, "'--pooling'", "--triplets", triplets, "--output", output, "--pooling", "median");
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));
    }

    [TestMethod]
    public async Task Verbose_adds_the_stack_trace()
    {
        using var folder = new TemporaryFolder();
        var run = await SampleProcess.RunAsync(folder, null, "tune", "--triplets", "none.csv", "--output", "model.zip", "--verbose");
        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Error, "   at SynCse.Samples.");
    }

    private static async Task Fails(TemporaryFolder folder, int exitCode, string expected, params string[] arguments)
    {
        var run = await SampleProcess.RunAsync(folder, null, ["tune", .. arguments]);
        Assert.AreEqual(exitCode, run.ExitCode, run.Error);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.ErrorLines[0], expected);
    }

    private static string Write(TemporaryFolder folder, string name, string content)
    {
        var path = folder.New(name);
        File.WriteAllText(path, content);
        return path;
    }

    private static float[] Score(string path, string sentence)
    {
        var mlContext = new MLContext();
        using var engine = mlContext.Model.CreatePredictionEngine<Input, Output>(mlContext.Model.Load(path, out _));
        return engine.Predict(new Input { Anchor = sentence }).Embedding;
    }

    private sealed class Input
    {
        public string Anchor { get; set; } = "";
    }

    private sealed class Output
    {
        [VectorType(TinyEncoder.Dimensions)]
        public float[] Embedding { get; set; } = [];
    }
}
