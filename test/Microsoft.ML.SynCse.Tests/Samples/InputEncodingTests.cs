using System.Text;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// Every command that reads a text file refuses what is no UTF-8, with file and line, and reads it where its encoding is named.
/// </summary>
[TestClass]
public sealed class InputEncodingTests
{
    [TestMethod]
    [DataRow("encode --model {encoder} --input {lines} --output {out}.npy")]
    [DataRow("similar --model {encoder} --input {lines} --query cat")]
    [DataRow("score --model {model} --queries {lines} --candidates {lines}")]
    [DataRow("score --model {model} --queries {good} --candidates {lines}")]
    [DataRow("vector-store --model {encoder} --database {out}.db --add {lines}")]
    [DataRow("synthesize --estimate --model m --input {lines}")]
    [DataRow("synthesize --estimate --model m --input {csv} --column text")]
    [DataRow("synthesize --estimate --model m --scratch 5 --genres {lines}")]
    [DataRow("classify --model {encoder} --folds 2 --input {csv}")]
    [DataRow("classify --model {encoder} --folds 2 --input {labelled} --predict {lines}")]
    [DataRow("tune --encoder {encoder} --batch-size 4 --output {out}.zip --triplets {good-triplets} --scored {scored}")]
    [DataRow("tune --encoder {encoder} --batch-size 4 --output {out}.zip --triplets {jsonl}")]
    public async Task A_file_that_is_no_UTF_8_is_named_with_its_line_and_read_where_its_encoding_is(string command)
    {
        using var folder = new TemporaryFolder();
        string good = "Ein Paket,x\na cat,y\nthe dog,x\na bird,y\nmy order,x\n";
        var files = new Dictionary<string, string>
        {
            ["{encoder}"] = TinyEncoder.WriteFolder(folder),
            ["{out}"] = folder.New("out"),
            ["{lines}"] = Write("lines.txt", "a cat\nMüller wartet\nthe dog\n"),
            ["{good}"] = Write("good.txt", "a cat\n"),
            ["{csv}"] = Write("t.csv", "text,label\nPäckchen,x\n" + good),
            ["{labelled}"] = Write("l.csv", "text,label\n" + good),
            ["{scored}"] = Write("s.tsv", "5\ta cat\tthe cat\n1\tGröße\tthe dog\n3\ta\tb\n"),
            ["{good-triplets}"] =
                Write("g.csv", "anchor,positive\n" + string.Concat(Enumerable.Range(0, 8).Select(i => $"a cat {i},the cat {i}\n"))),
            ["{jsonl}"] = Write("t.jsonl", "{\"query\":\"a cat\",\"pos\":\"the cat\"}\n{\"query\":\"Müller\",\"pos\":\"Herr "
                + "Müller\"}\n{\"query\":\"dog\",\"pos\":\"bird\"}\n{\"query\":\"day\",\"pos\":\"night\"}\n"),
        };
        if (command.Contains("{model}", StringComparison.Ordinal))
        {
            string model = files["{model}"] = folder.New("model.zip");
            await SampleProcess.SucceedAsync(folder, "tune", "--encoder", files["{encoder}"], "--batch-size", "4", "--triplets",
                files["{good-triplets}"], "--output", model);
        }
        string[] arguments =
            [.. command.Split(' ').Select(word => files.Aggregate(word, (text, file) => text.Replace(file.Key, file.Value)))];
        var run = await SampleProcess.RunAsync(folder, null, arguments);
        Assert.AreEqual(1, run.ExitCode, run.Output);
        StringAssert.Contains(run.ErrorLines[^1], "Line 2 of '");
        StringAssert.Contains(run.ErrorLines[^1], "is no UTF-8 text (the byte 0x");
        run = await SampleProcess.RunAsync(folder, null, [.. arguments, "--encoding", "windows-1252"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);

        string Write(string name, string content)
        {
            string path = folder.New(name);
            File.WriteAllBytes(path, Encoding.Latin1.GetBytes(content));
            return path;
        }
    }

    [TestMethod]
    [DataRow("cp1252")]
    [DataRow("1252")]
    [DataRow("Windows-1252")]
    [DataRow("latin1")]
    public async Task Usual_names_of_an_encoding_are_known(string name)
    {
        using var folder = new TemporaryFolder();
        string lines = folder.New("lines.txt");
        File.WriteAllBytes(lines, Encoding.Latin1.GetBytes("Müller wartet\n"));
        var run =
            await SampleProcess.SucceedAsync(folder, "similar", "--model", TinyEncoder.WriteFolder(folder), "--input", lines, "--query",
            "cat", "--encoding", name);
        StringAssert.Contains(run.Output, "Müller wartet");
    }
}
