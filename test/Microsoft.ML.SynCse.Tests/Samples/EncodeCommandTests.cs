using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class EncodeCommandTests
{
    [TestMethod]
    public async Task An_npy_file_holds_the_vectors_of_all_lines_in_their_order()
    {
        using var folder = new TemporaryFolder();
        string encoderFolder = TinyEncoder.WriteFolder(folder);
        string[] lines = [.. TinyEncoder.Sentences(50), "", "the last"];
        var (input, output) = (folder.New("lines.txt"), folder.New("x.npy"));
        File.WriteAllLines(input, lines);
        await SampleProcess.SucceedAsync(folder, "encode", "--model", encoderFolder, "--input", input, "--output", output);

        byte[] bytes = File.ReadAllBytes(output);
        CollectionAssert.AreEqual(new byte[] { 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0 }, bytes[..8]);
        int headerEnd = 10 + BitConverter.ToUInt16(bytes, 8);
        Assert.AreEqual(0, headerEnd % 64);
        string header = System.Text.Encoding.ASCII.GetString(bytes[10..headerEnd]);
        Assert.AreEqual("{'descr': '<f4', 'fortran_order': False, 'shape': (52, 16), }", header.TrimEnd());
        Assert.EndsWith("\n", header);

        using var encoder = SentenceEncoder.Load(encoderFolder);
        CollectionAssert.AreEqual(
            encoder.Encode(lines).SelectMany(v => v).ToArray(), MemoryMarshal.Cast<byte, float>(bytes.AsSpan(headerEnd)).ToArray());
    }

    [TestMethod]
    public async Task Standard_input_becomes_lines_of_a_csv_file()
    {
        using var folder = new TemporaryFolder();
        string encoderFolder = TinyEncoder.WriteFolder(folder);
        string[] lines = TinyEncoder.Sentences(5);
        string output = folder.New("x.csv");
        var run = await SampleProcess.RunAsync(
            folder, string.Join('\n', lines), "encode", "--model", encoderFolder, "--input", "-", "--output", output);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        using var encoder = SentenceEncoder.Load(encoderFolder);
        float[][] expected = encoder.Encode(lines);
        string[] rows = File.ReadAllLines(output);
        Assert.HasCount(lines.Length, rows);
        for (int i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(
            expected[i], rows[i].Split(',').Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray());
    }

    [TestMethod]
    public async Task An_error_is_one_line_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        string text = folder.New("lines.txt");
        File.WriteAllText(text, "one\n");
        await Fails("There is no file", "--input", folder.New("none.txt"), "--output", folder.New("x.npy"));
        await Fails("must end in .npy or .csv", "--input", text, "--output", folder.New("x.bin"));
        await Fails("neither a model's folder nor a readable zip", "--model", text, "--input", text, "--output", folder.New("x.npy"));
        await Fails("There is no folder or zip", "--model", folder.New("none"), "--input", text, "--output", folder.New("x.npy"));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));

        async Task Fails(string expected, params string[] arguments)
        {
            var run = await SampleProcess.RunAsync(folder, null, ["encode", .. arguments]);
            Assert.AreEqual(1, run.ExitCode, run.Error);
            Assert.HasCount(1, run.ErrorLines, run.Error);
            StringAssert.Contains(run.ErrorLines[0], expected);
        }
    }

    [TestMethod]
    public async Task The_score_command_says_what_is_no_model()
    {
        using var folder = new TemporaryFolder();
        string text = folder.New("model.zip");
        File.WriteAllText(text, "no zip");
        var run = await SampleProcess.RunAsync(folder, null, "score", "--model", text);
        Assert.AreEqual(1, run.ExitCode);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.ErrorLines[0], "does not load");
    }

    [TestMethod]
    public async Task The_doctor_tells_torch_device_threads_and_speed()
    {
        using var folder = new TemporaryFolder();
        var run = await SampleProcess.SucceedAsync(folder, "doctor");
        foreach (string? word in new[] { "TorchSharp", "loads", "device", "threads", "sentences a second" }) StringAssert.Contains(
            run.Output, word);
        string lines = run.Output.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal);
        // Path and version of each, as far as this system tells.
        if (OperatingSystem.IsLinux()) Assert.MatchesRegex(
            new Regex(@"torch_cpu\d+\.\d+\.\d+.*/libtorch_cpu\.so.*LibTorchSharp0\.\d+\.\d+.*e_sqlite33\.\d+\.\d+.*/libe_sqlite3\.so"),
            lines);
    }
}
