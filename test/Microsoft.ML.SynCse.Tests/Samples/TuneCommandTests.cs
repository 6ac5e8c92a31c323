using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TuneCommandTests
{
    private static readonly string[] _twoSteps = ["--batch-size", "8", "--max-length", "16"];

    [TestMethod]
    public async Task Quoted_rows_and_a_scored_file_give_a_model_and_both_correlations()
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20).Select(row => $"\"{row.Anchor}, \"\"yes\"\"\r\nno\",{row.Positives[0]},\"{row.Negatives[0]}\"");
        string triplets = Write(folder, "t.csv", string.Join("\r\n", ["sent0,sent1,hard_neg", .. rows]));
        string scored = Write(
            folder, "s.tsv",
            string.Join('\n', TinyEncoder.Triplets(10).Select((row, i) => $"{i / 2.0}\t{row.Anchor}\t{row.Negatives[0]}\tany source")));
        string output = folder.New("model.zip");
        var run = await SampleProcess.SucceedAsync(
            folder, ["tune", "--triplets", triplets, "--encoder", TinyEncoder.WriteFolder(folder), "--scored", scored, "--output", output,
            .. _twoSteps]);
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
        await SampleProcess.SucceedAsync(
            folder, ["tune", "--triplets", Write(folder, "t.csv", string.Join('\n', ["anchor,positive,negative", .. rows])), "--encoder",
            TinyEncoder.WriteFolder(folder),
            "--output", folder.New("model.zip"), "--log", log, "--plot", plot, .. _twoSteps]);
        Assert.HasCount(2, File.ReadAllLines(log));
        byte[] png = File.ReadAllBytes(plot);
        CollectionAssert.AreEqual(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }, png[..4]);
        Assert.AreEqual((1000, 800),
            (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        // Lines and letters take more than an empty white picture, which is under 4 KB.
        Assert.IsGreaterThan(10_000, png.Length);
    }

    [TestMethod]
    public async Task A_resumed_run_is_drawn_with_the_steps_before_it()
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20).Select(row => $"{row.Anchor},{row.Positives[0]},{row.Negatives[0]}");
        string[] arguments =
            ["tune", "--triplets", Write(folder, "t.csv", string.Join('\n', ["anchor,positive,negative", .. rows])), "--encoder",
            TinyEncoder.WriteFolder(folder),
            "--output", folder.New("model.zip"), "--checkpoint-folder", folder.New("run"), .. _twoSteps];
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
        string output = folder.New("model.zip");
        var run = await SampleProcess.SucceedAsync(
            folder, ["tune", "--triplets", Write(folder, "t.tsv", string.Join('\n', [header, .. rows])),
            "--encoder", TinyEncoder.WriteFolder(folder), "--output", output, "--validation-fraction", "0", .. _twoSteps]);
        StringAssert.Contains(run.Output, "2 steps on 16 rows");
        Assert.HasCount(TinyEncoder.Dimensions, Score(output, "my parcel is late"));
    }

    [TestMethod]
    [DataRow("t.csv", "anchor,positive,negative_1,negative_2", ",",
        "anchor 'anchor', positive 'positive', hard negatives 'negative_1', 'negative_2'")]
    [DataRow("t.csv", "id;query;pos;neg_1;neg_1_score;neg_2", ";",
        "anchor 'query', positive 'pos', hard negatives 'neg_1', 'neg_2'; not read: 'id', 'neg_1_score'")]
    [DataRow("t.tsv", "question\tanswer\tnegative1\tnegative2", "\t",
        "anchor 'question', positive 'answer', hard negatives 'negative1', 'negative2'")]
    public async Task Every_hard_negative_of_a_file_is_trained_on(string name, string header, string separator, string columns)
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20);
        string[] negatives = TinyEncoder.Sentences(20, 77);
        string Line(int i) => string.Join(separator, header.Split(separator).Select(field => field switch
        {
            "id" or "neg_1_score" => "7",
            "anchor" or "query" or "question" => rows[i].Anchor,
            "positive" or "pos" or "answer" => rows[i].Positives[0],
            "negative_1" or "neg_1" or "negative1" => rows[i].Negatives[0],
            _ => negatives[i],
        }));
        var (triplets, output) =
            (Write(folder, name, string.Join('\n', [header, .. Enumerable.Range(0, 20).Select(Line)])), folder.New("model.zip"));
        string encoder = TinyEncoder.WriteFolder(folder);
        var run =
            await SampleProcess.SucceedAsync(folder,
            ["tune", "--triplets", triplets, "--encoder", encoder, "--output", output, "--no-keep-start", .. _twoSteps]);
        StringAssert.Contains(run.Output, $"Columns of {triplets}: {columns}\n");
        Same(encoder, [.. rows.Select((row, i) => row with { Negatives = [row.Negatives[0], negatives[i]] })], output);
    }

    [TestMethod]
    [DataRow("positives", "negatives")]
    [DataRow("pos", "neg")]
    public async Task JSON_lines_with_lists_or_texts_tune_too(string positive, string negative)
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20);
        string Line(TrainingExample row, int i)
        {
            string other = i % 2 == 0 ? "scores" : "genre";
            var line = new Dictionary<string, object> { [other] = new { positive = 5.0 }, ["anchor"] = row.Anchor };
            line[positive] = i % 2 == 0 ? row.Positives : row.Positives[0];
            line[negative] = i % 2 == 0 ? row.Negatives : row.Negatives[0];
            return System.Text.Json.JsonSerializer.Serialize(line);
        }

        var (triplets, output) = (Write(folder, "t.jsonl", string.Join('\n', rows.Select(Line))), folder.New("model.zip"));
        string encoder = TinyEncoder.WriteFolder(folder);
        var run =
            await SampleProcess.SucceedAsync(folder,
            ["tune", "--triplets", triplets, "--encoder", encoder, "--output", output, "--no-keep-start", .. _twoSteps]);
        StringAssert.Contains(run.Output,
            $"anchor 'anchor', positive '{positive}', hard negative '{negative}'; not read: 'scores', 'genre'");
        Same(encoder, rows, output);
    }

    [TestMethod]
    public async Task Rows_with_different_numbers_of_texts_become_rows_of_one_each()
    {
        using var folder = new TemporaryFolder();
        var rows = TinyEncoder.Triplets(20);
        string[] negatives = TinyEncoder.Sentences(20, 77);
        var lines = rows.Select((row, i) => $"{row.Anchor},{row.Positives[0]},{row.Negatives[0]},{(i == 4 ? "" : negatives[i])}");
        var (triplets, output) =
            (Write(folder, "t.csv", string.Join('\n', ["anchor,positive,negative_1,negative_2", .. lines])), folder.New("model.zip"));
        string encoder = TinyEncoder.WriteFolder(folder);
        var run =
            await SampleProcess.SucceedAsync(folder,
            ["tune", "--triplets", triplets, "--encoder", encoder, "--output", output, "--no-keep-start", .. _twoSteps]);
        StringAssert.Contains(run.Output, "each became rows of one positive and one hard negative: 20 rows, 39 to train on");
        Same(encoder, [.. rows.SelectMany((row, i) => i == 4 ? [row] : new[] { row, row with { Negatives = [negatives[i]] } })], output);
    }

    [TestMethod]
    [DataRow("cp1252.csv", null)]
    [DataRow("cp1252.csv", "windows-1252")]
    [DataRow("bom.csv", null)]
    [DataRow("utf16.csv", null)]
    public async Task Texts_of_every_encoding_are_trained_on_as_they_were_written_or_not_at_all(string name, string? encoding)
    {
        using var folder = new TemporaryFolder();
        TrainingExample[] rows = [new TrainingExample("ä cat is nice", "nice is ä cat", "the dög"), .. TinyEncoder.Triplets(20)];
        string content =
            string.Join("\r\n", rows.Select(row => $"{row.Anchor},{row.Positives[0]},{row.Negatives[0]}")
            .Prepend("anchor,positive,negative"));
        string triplets = folder.New(name);
        File.WriteAllBytes(triplets, name switch
        {
            "cp1252.csv" => Encoding.Latin1.GetBytes(content),
            "bom.csv" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(content)],
            _ => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(content)],
        });
        var (encoder, output) = (TinyEncoder.WriteFolder(folder), folder.New("model.zip"));
        string[] arguments = ["--triplets", triplets, "--encoder", encoder, "--output", output, "--no-keep-start", .. _twoSteps];
        if (name == "cp1252.csv" && encoding is null)
        {
            await Fails(folder, 1, $"Line 2 of '{triplets}' is no UTF-8 text (the byte 0xE4)", arguments);
            await Fails(folder, 2, "'--encoding' must name an encoding", [.. arguments, "--encoding", "windows-9999"]);
            return;
        }
        await SampleProcess.SucceedAsync(folder,
            ["tune", .. arguments, .. encoding is null ? Array.Empty<string>() : ["--encoding", encoding]]);
        Same(encoder, rows, output);
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
    [DataRow("sentence1,sentence2,score\na,b,0.1\n", "'score' says which pairs mean the same")]
    [DataRow("anchor;positive;label\na;b;0\n", "'label' says which pairs mean the same")]
    [DataRow("anchor,positive,negative_x\na,b,c\n", "'negative_x' may hold hard negatives")]
    [DataRow("query,pos,neg\na,b,\"['c', 'd']\"\n", "holds a list in the column 'neg'")]
    [DataRow("anchor,positive,negative\na,b,b\nc,d, D\n", "2 of 2 rows have the same text in positive 'Positive' and negative 'Negative'")]
    public async Task A_file_that_cannot_be_trained_on_is_told_in_one_line(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        await Fails(folder, 1, expected, "--triplets", Write(folder, "t.csv", content), "--output", folder.New("model.zip"));
    }

    [TestMethod]
    [DataRow("{\"anchor\":\"a\",\"positive\":\"b\"}\nnot json\n", "Line 2 of")]
    [DataRow("{\"anchor\":\"a\",\"positive\":[{\"text\":\"b\"}]}\n", "the field 'positive' holds an object")]
    [DataRow("{\"anchor\":[\"a\",\"c\"],\"positive\":\"b\"}\n", "an anchor is one")]
    [DataRow("{\"anchor\":\"a\",\"positive\":7}\n", "the field 'positive' holds 7")]
    [DataRow("{\"anchor\":\"a\",\"positive\":\"\\ud800\"}\n", "no valid text")]
    [DataRow("[\"a\",\"b\"]\n", "--no-header")]
    [DataRow("{\"a\":\"a\",\"b\":\"b\"}\n", "names no anchor column")]
    [DataRow("{\"sentence1\":\"a\",\"sentence2\":\"b\",\"label\":0}\n", "'label' says")]
    [DataRow("\n", "is empty")]
    public async Task JSON_lines_that_cannot_be_trained_on_are_told_in_one_line(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        await Fails(folder, 1, expected, "--triplets", Write(folder, "t.jsonl", content), "--output", folder.New("model.zip"));
    }

    [TestMethod]
    public async Task Wrong_arguments_are_told_in_one_line_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        string triplets = Write(folder, "t.csv", "anchor,positive\na,b\nc,d\n");
        string output = folder.New("model.zip");
        await Fails(folder, 1, "There is no file", "--triplets", folder.New("none.csv"), "--output", output);
        await Fails(folder, 1, "--no-header", "--triplets", triplets, "--columns", "anchor,positive", "--no-header", "--output", output);
        await Fails(folder, 1, "has no column 'question'", "--triplets", triplets, "--columns", "question,positive", "--output", output);
        await Fails(folder, 1, "does not exist; create it", "--triplets", triplets, "--output",
            Path.Combine(folder.New("none"), "model.zip"));
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

    /// <summary>Compares with what the trainer makes of the rows as they should have been read.</summary>
    private static void Same(string encoder, TrainingExample[] rows, string output)
    {
        using var start = SentenceEncoder.Load(encoder);
        using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 8, MaxSequenceLength = 16, KeepStartIfWorse = false });
        CollectionAssert.AreEqual(result.Encoder.Encode(["my parcel is late"])[0], Score(output, "my parcel is late"));
    }

    private static string Write(TemporaryFolder folder, string name, string content)
    {
        string path = folder.New(name);
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
