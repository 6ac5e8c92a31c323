using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>About 2,000 seeded mutations of an encoder's files: each loads, or is refused with one error that names the file; in bounded
/// time and memory.</summary>
[TestClass]
[DoNotParallelize]
public sealed class MutationTests
{
    private const long Slack = 64 << 20;
    private static readonly TimeSpan _longestLoad = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, JsonMutations> _json = new()
    {
        ["config.json"] =
            new("model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
            "max_position_embeddings", "type_vocab_size"),
        ["modules.json"] = new("0.type", "0.path", "1.type", "1.path", "2.type", "2.path"),
        ["1_Pooling/config.json"] = new() { Typed = ["pooling_mode_mean_tokens"] },             // without it the mean is meant
        ["tokenizer.json"] =
            new("model", "model.vocab", "added_tokens.0.id", "added_tokens.0.content", "normalizer.type", "pre_tokenizer.type",
            "post_processor.single"),
        ["unigram/tokenizer.json"] =
            new("model", "model.unk_id", "model.vocab.0.0", "model.vocab.1.1", "normalizer.precompiled_charsmap",
            "pre_tokenizer.replacement"),
        ["bpe/tokenizer.json"] =
            new("model", "model.vocab", "model.merges", "added_tokens.0.id", "added_tokens.0.content", "pre_tokenizer.type"),
    };

    private readonly TemporaryFolder _temporary = new();

    public TestContext TestContext { get; set; } = null!;

    // The native library's own pages, and code compiled at its first run, are not a damaged file's.
    [TestInitialize]
    public void LoadTorch()
    {
        using var encoder = TinyEncoder.Load();
        encoder.Encode(["a cat"]);
    }

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("config.json", 300)]
    [DataRow("modules.json", 150)]
    [DataRow("1_Pooling/config.json", 100)]
    [DataRow("tokenizer.json", 400)]
    [DataRow("bpe/tokenizer.json", 200)]
    [DataRow("unigram/tokenizer.json", 200)]
    public void Mutated_json_loads_or_is_refused(string file, int count)
    {
        var tokenizer = file.Split(
            '/')[0] switch
        { "bpe" => TinyTokenizer.ByteLevelBpe(), "unigram" => TinyTokenizer.Unigram(), _ => null };
        var (folder, name) = (Folder(tokenizer), tokenizer is null ? file : Path.GetFileName(file));
        var run = FolderRun(folder, name);
        run.Run(_json[file].Make, count - count / 4, seed: 1);
        run.Run(ByteMutations.Make, count / 4, seed: 10_001);
        Check(run, file, count);
    }

    [TestMethod]
    public void Mutated_weights_load_or_are_refused()
    {
        var run = FolderRun(Folder(), "model.safetensors");
        run.Run(SafetensorsMutations.Make, 300, seed: 1);
        run.Run(ByteMutations.Make, 200, seed: 10_001);
        Check(run, "model.safetensors", 500);
    }

    // Any bytes may be a vocabulary, so nothing is sure to be refused.
    [TestMethod]
    [DataRow("vocab.txt", 100)]
    [DataRow("tokenizer_config.json", 100)]
    public void Mutated_older_tokenizer_files_load_or_are_refused(string name, int count)
    {
        var run = FolderRun(TinyEncoder.WriteFolder(_temporary, normalize: true), name);
        run.Run(ByteMutations.Make, count, seed: 1);
        Check(run, name, count);
    }

    [TestMethod]
    [DataRow("sentencepiece.bpe.model", 200)]
    public void Mutated_sentencepiece_models_load_or_are_refused(string name, int count)
    {
        string folder = Folder();
        File.Delete(Path.Combine(folder, "tokenizer.json"));
        File.WriteAllBytes(Path.Combine(folder, name), SentencePieceMutations.Whole.ToBytes());
        string config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"bert\"", "\"xlm-roberta\"", StringComparison.Ordinal));
        var run = FolderRun(folder, name);
        run.Run(SentencePieceMutations.Make, count / 2, seed: 1);
        run.Run(ByteMutations.Make, count - count / 2, seed: 10_001);
        Check(run, name, count);
    }

    [TestMethod]
    [DataRow(false, 200)]
    [DataRow(true, 200)]
    public void Mutated_zips_load_or_are_refused(bool throughMLNet, int count)
    {
        var ml = new MLContext(1);
        string path = _temporary.New("model.zip");
        using (var encoder = SentenceEncoder.Load(Folder()))
        {
            var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(3));
            ml.Model.Save(SavedModel.Step(ml, encoder), data.Schema, path);
        }
        var run = new MutationRun(
            () => throughMLNet ? ((SynCseEmbeddingTransformer)ml.Model.LoadWithDiagnostics(path, out _)).Encoder
                : SentenceEncoder.Load(path),
            File.ReadAllBytes(path), bytes => File.WriteAllBytes(path, bytes), path);
        run.Run((whole, random) => ZipMutations.Make(whole, random, checksums: !throughMLNet), count / 2, seed: 1);
        run.Run(ByteMutations.Make, count / 2, seed: 10_001);
        Check(run, throughMLNet ? "zip, as ML.NET's model" : "zip, as an encoder", count);
    }

    private static MutationRun FolderRun(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        // Where two files contradict one another, the error may name either.
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Distinct()!];
        return new(() => SentenceEncoder.Load(folder), File.ReadAllBytes(path), bytes => File.WriteAllBytes(path, bytes), folder, files);
    }

    private void Check(MutationRun run, string file, int count)
    {
        TestContext.WriteLine(
            $"{file}: {run.Loaded} loaded, {run.Refused} refused; slowest {run.Slowest.TotalMilliseconds:F0} ms, peak "
            + $"{run.Peak / 1048576.0:F1} MB\n{run.Counts}");
        Assert.AreEqual("", string.Join("\n", run.Faults.Take(40)), $"{run.Faults.Count} faults");
        Assert.AreEqual(count, run.Loaded + run.Refused);
        Assert.IsGreaterThan(count / 4, run.Refused, "hardly any mutation was noticed");
        Assert.IsLessThan(_longestLoad, run.Slowest);
        Assert.IsLessThan(Slack, run.Peak);
    }

    private string Folder(JsonObject? tokenizer = null)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        foreach (string? name in new[] { "vocab.txt", "tokenizer_config.json" }) File.Delete(Path.Combine(folder, name));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), (tokenizer ?? Bert()).ToJsonString());
        return folder;
    }

    // With every kind of part that refers to others.
    private static JsonObject Bert()
    {
        var root = TinyTokenizer.Bert();
        root["normalizer"] =
            JsonNode.Parse("""
                {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": " +"},
                "content": " "}, {"type": "BertNormalizer", "lowercase": true}]}
                """);
        root["pre_tokenizer"] =
            JsonNode.Parse("""{"type": "Sequence", "pretokenizers": [{"type": "BertPreTokenizer"}, {"type": "Punctuation"}]}""");
        root["post_processor"] = JsonNode.Parse("""
            {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
             "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]",
             "ids": [3], "tokens": ["[SEP]"]}}}
            """);
        root["padding"] = new JsonObject { ["pad_id"] = 0 };
        return root;
    }
}
