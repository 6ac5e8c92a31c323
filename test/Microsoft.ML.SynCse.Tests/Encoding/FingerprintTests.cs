using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Core.Encoders;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What tells one encoder from another is the same on every system.</summary>
[TestClass]
public sealed class FingerprintTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("{\n  \"a\": 1\n}\n", "{\r\n  \"a\": 1\r\n}\r\n")]
    [DataRow("a\rb\n\n\r", "a\rb\r\n\r\n\r")]
    [DataRow("", "")]
    public void Line_ends_of_text_files_do_not_count(string unix, string windows)
    {
        foreach (int piece in new[] { 1, 2, 3, 1000 })
            Assert.AreEqual(Of("config.json", unix, 1000), Of("config.json", windows, piece), $"in pieces of {piece}");
        if (unix != windows) Assert.AreNotEqual(Of("model.safetensors", unix, 1000), Of("model.safetensors", windows, 1000));
    }

    // Checkpoints and vector stores of earlier versions hold it.
    [TestMethod]
    public void Of_files_with_line_feeds_it_is_what_it_was()
    {
        string hash = Convert.ToHexString(SHA256.HashData("x\ny"u8));
        Assert.AreEqual(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"vocab.txt {hash}")))[..16].ToLowerInvariant(),
            Of("vocab.txt", "x\ny", 1000));
    }

    [TestMethod]
    public void A_folder_that_git_handed_out_on_Windows_has_the_same()
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        using var unix = SentenceEncoder.Load(folder);
        foreach (string? file in Directory.GetFiles(folder, "*.*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith(".safetensors", StringComparison.Ordinal)))
            File.WriteAllText(file, File.ReadAllText(file).ReplaceLineEndings("\r\n"));
        using var windows = SentenceEncoder.Load(folder);
        Assert.AreEqual(IdOf(unix), IdOf(windows));
    }

    [TestMethod]
    public void Files_we_write_have_line_feeds_alone()
    {
        using var encoder = TinyEncoder.Load(normalize: true);
        string folder = _temporary.New("saved");
        encoder.Save(folder, new SaveOptions { Card = new() { License = "mit" } });
        foreach (string? file in Directory.GetFiles(folder, "*.*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith(".safetensors", StringComparison.Ordinal)))
            Assert.DoesNotContain("\r", File.ReadAllText(file), file);
    }

    // The line end that .NET takes by itself is the system's, and a test on one system cannot see the other's: so every writer of JSON or
    // lines says its own.
    [TestMethod]
    public void No_writer_takes_the_line_end_of_the_system()
    {
        string source = Path.Combine(SharedFolder.RepositoryRoot, "src", "Microsoft.ML.SynCse");
        var wrong = from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                    where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                    from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
                    where line.Text.Contains("Environment.NewLine", StringComparison.Ordinal)
                        || line.Text.Contains("AppendLine(", StringComparison.Ordinal)
                        || (line.Text.Contains("new StreamWriter(", StringComparison.Ordinal)
                            && !line.Text.Contains("NewLine", StringComparison.Ordinal)
                            && !Path.GetFileName(file).StartsWith("TripletCsv", StringComparison.Ordinal))
                        || (line.Text.Contains("ndented = true", StringComparison.Ordinal)
                            && !line.Text.Contains("NewLine", StringComparison.Ordinal)
                            && !Path.GetFileName(file).StartsWith("PromptJson", StringComparison.Ordinal))
                    select $"{Path.GetRelativePath(source, file)}({line.Number}): {line.Text.Trim()}";
        Assert.AreEqual("", string.Join('\n', wrong));
    }

    private static string Of(string name, string content, int piece)
    {
        var sink = new FingerprintSink();
        sink.Write(name, stream =>
        {
            foreach (byte[] bytes in Encoding.UTF8.GetBytes(content).Chunk(piece)) stream.Write(bytes);
        });
        return sink.Fingerprint;
    }

    private static string? IdOf(SentenceEncoder encoder)
        => ((EmbeddingGeneratorMetadata)((IEmbeddingGenerator)encoder).GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelId;
}
