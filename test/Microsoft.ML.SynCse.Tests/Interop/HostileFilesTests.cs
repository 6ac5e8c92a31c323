using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Files made to harm whoever loads them: refused by name, before time or memory is spent.</summary>
[TestClass]
[DoNotParallelize]
public sealed class HostileFilesTests
{
    private const long LittleMemory = 64 << 20;
    private readonly TemporaryFolder _temporary = new();

    [TestInitialize]
    public void LoadTorch() => TinyEncoder.Load().Dispose();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("config.json", 4)]
    [DataRow("modules.json", 4)]
    [DataRow("tokenizer.json", 64)]
    public void A_file_beyond_its_limit_is_not_read(string name, int megabytes)
        => AssertRefused(folder =>
        {
            using var file = File.OpenWrite(Path.Combine(folder, name));
            file.SetLength(8L << 30);
        }, name, $"may have {megabytes} MB");

    [TestMethod]
    [DataRow("config.json")]
    [DataRow("modules.json")]
    [DataRow("tokenizer.json")]
    [DataRow("tokenizer_config.json")]
    public void Depth_without_end_is_not_followed(string name)
        => AssertRefused(folder => File.WriteAllText(Path.Combine(folder, name), new string('[', 1_000_000)), name, "not valid JSON");

    [TestMethod]
    [DataRow("modules.json", 390_000, "needs a type")]
    [DataRow("modules.json", 2_000_000, "more than 400000 values")]
    [DataRow("tokenizer.json", 20_000_000, "more than 5000000 values")]
    public void Json_of_digits_alone_takes_little_memory(string name, int values, string reason)
        => AssertRefused(
            folder => File.WriteAllText(Path.Combine(folder, name), "[" + string.Concat(Enumerable.Repeat("0,", values)) + "0]"), name,
            reason);

    [TestMethod]
    public void A_name_twice_is_refused()
        => AssertRefused(
        folder => Edit(folder, "config.json", text => text.Replace("{", "{\"hidden_size\": 16, ")), "config.json",
        "'hidden_size' is there twice");

    [TestMethod]
    [DataRow("num_hidden_layers", "1000000000")]
    [DataRow("vocab_size", "1000000000000")]
    [DataRow("hidden_size", "1e99")]
    [DataRow("intermediate_size", "-5")]
    [DataRow("num_attention_heads", "3")]
    public void A_configuration_without_sense_is_refused(string field, string number)
        => AssertRefused(folder => Edit(folder, "config.json", text => Set(text, field, number)), "config.json", field);

    [TestMethod]
    [DataRow("num_hidden_layers", "1000")]
    [DataRow("vocab_size", "16000000")]
    [DataRow("intermediate_size", "1000000")]
    [DataRow("hidden_size", "65536")]
    public void Sizes_within_bounds_are_compared_with_the_file_before_memory_is_taken(string field, string number)
        => AssertRefused(
            folder => Edit(folder, "config.json", text => Set(text, field, number)), "model.safetensors", "config.json asks for");

    [TestMethod]
    [DataRow("../1_Pooling")]
    [DataRow("/etc")]
    [DataRow("1_Pooling/../../x")]
    [DataRow("C:/x")]
    [DataRow("..\\x")]
    [DataRow("1_Pooling\u0000")]
    public void A_module_outside_the_root_is_refused(string path)
        => AssertRefused(
            folder => Edit(folder, "modules.json", text => text.Replace("\"1_Pooling\"", JsonValue.Create(path).ToJsonString())),
            path.TrimEnd('/'), "outside the folder");

    [TestMethod]
    public void Links_out_of_the_folder_are_followed_as_the_Hugging_Face_cache_has_them()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("links need a right there");
        string folder = TinyEncoder.WriteFolder(_temporary), store = _temporary.New("blobs"), snapshot = _temporary.New("snapshot");
        Directory.Move(folder, store);
        Directory.CreateDirectory(snapshot);
        foreach (string file in Directory.EnumerateFiles(store)) File.CreateSymbolicLink(
            Path.Combine(snapshot, Path.GetFileName(file)), Path.Combine("..", Path.GetFileName(store), Path.GetFileName(file)));
        SentenceEncoder.Load(snapshot).Dispose();
    }

    [TestMethod]
    public void The_same_head_many_times_is_refused() => AssertRefused(folder =>
    {
        string dense = Path.Combine(folder, "2_Dense");
        Directory.CreateDirectory(dense);
        File.WriteAllText(Path.Combine(dense, "config.json"), """{"in_features": 16, "out_features": 16}""");
        string module = """{"path": "2_Dense", "type": "sentence_transformers.models.Dense"},""";
        Edit(folder, "modules.json", text => text.Replace("{\"idx\": 2", module + module + "{\"idx\": 2"));
    }, "modules.json", "'2_Dense' of another module");

    [TestMethod]
    public void An_entry_that_unpacks_without_end_is_not_unpacked()
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        string path = EncoderZip.Pack(_temporary, folder);
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update)) zip.GetEntry("encoder/model.safetensors")!.Delete();
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            using var bomb = zip.CreateEntry("encoder/model.safetensors").Open();
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) bomb.Write(zeros);
        }
        foreach (var load in new Action[] { () => SentenceEncoder.Load(path),
            () => new MLContext().Model.LoadWithDiagnostics(path, out _) })
        {
            var error = Assert.ThrowsExactly<InvalidDataException>(load);
            Assert.Contains("encoder/model.safetensors".Split('/')[1], error.Message);
            Assert.Contains("to 314572800: no file of a model packs so well", error.Message);
        }
    }

    [TestMethod]
    public void A_file_twice_in_a_zip_is_refused()
    {
        string path = EncoderZip.Pack(_temporary, TinyEncoder.WriteFolder(_temporary, normalize: true));
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            using var writer = new StreamWriter(zip.CreateEntry("encoder\\config.json").Open());
            writer.Write("{}");
        }
        Assert.Contains("holds 'encoder/config.json' twice",
            Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(path)).Message);
    }

    [TestMethod]
    [DataRow("post_processor", """{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 1000000000]}""")]
    [DataRow("padding", """{"pad_id": 5000}""")]
    public void Ids_the_model_does_not_have_are_refused(string part, string json)
        => AssertRefused(folder => Tokenizer(folder, root => root[part] = JsonNode.Parse(json)), "tokenizer", "the model's vocab_size is");

    [TestMethod]
    public void More_added_tokens_than_the_model_has_rows_are_refused()
        => AssertRefused(folder => Tokenizer(folder, root =>
        {
            // Numbered on from the vocabulary's, as Hugging Face's library does, whatever ids stand here.
            for (int i = 0; i < 500; i++) root["added_tokens"]!.AsArray()
                .Add(new JsonObject { ["id"] = 5000 + i, ["content"] = $"<own{i}>" });
        }), "tokenizer", "the model's vocab_size is");

    [TestMethod]
    public void More_special_tokens_than_positions_are_refused()
        => AssertRefused(folder => Tokenizer(folder, root =>
        {
            string ids = string.Join(',', Enumerable.Repeat(2, 39));
            root["post_processor"] =
                JsonNode.Parse($$$$"""
                    {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "c"}}, {"Sequence": {"id": "A"}},
                    {"SpecialToken": {"id": "s"}}], "special_tokens": {"c": {"ids": [{{{{ids}}}}]}, "s": {"ids": [3]}}}
                    """);
        }), "tokenizer", "puts 40 special tokens around a sentence");

    [TestMethod]
    public void Added_tokens_without_measure_are_refused()
        => AssertRefused(
            folder => Tokenizer(
            folder, root => root["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 15, ["content"] = new string('x', 5_000_000) })),
            "tokenizer.json", "may add 250000");

    [TestMethod]
    public void A_pattern_without_measure_is_refused()
        => AssertRefused(
            folder => Tokenizer(
            folder, root => root["normalizer"] =
            new JsonObject
            {
                ["type"] = "Replace",
                ["content"] = "",
                ["pattern"] = new JsonObject { ["Regex"] = string.Concat(Enumerable.Repeat("(a|b)", 1_000_000)) }
            }),
            "tokenizer.json", "a pattern may have 10000");

    [TestMethod]
    [DataRow("""{"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}""",
        "takes more than 4 seconds on a text of 41 characters", DisplayName = "a pattern without end")]
    [DataRow("""{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", "it may have 32",
        DisplayName = "a long content")]
    [DataRow("""{"type": "Sequence", "normalizers": [*]}""", "a text may grow 32 times", DisplayName = "forty doublings")]
    public void A_normalizer_without_measure_is_refused(string normalizer, string reason)
    {
        string doubling = """{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}""";
        AssertRefused(folder => Tokenizer(folder, root =>
        {
            root["normalizer"] = JsonNode.Parse(normalizer.Replace("*", string.Join(',', Enumerable.Repeat(doubling, 40))));
            root["added_tokens"]!.AsArray()
                .Add(new JsonObject { ["id"] = 15, ["content"] = new string('a', 40) + "!", ["normalized"] = true });
        }), "tokenizer.json", reason);
    }

    [TestMethod]
    public void Normalizers_without_number_are_refused()
        => AssertRefused(
            folder => Tokenizer(
            folder, root => root["normalizer"] =
            JsonNode.Parse(
                $$"""{"type": "Sequence", "normalizers": [{{string.Join(',', Enumerable.Repeat("""{"type": "NFC"}""", 65))}}]}""")),
            "tokenizer.json", "more than 64 normalizers");

    private static void Tokenizer(string folder, Action<JsonObject> change)
    {
        var root = TinyTokenizer.Bert();
        change(root);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), root.ToJsonString());
        File.Delete(Path.Combine(folder, "tokenizer_config.json"));
    }

    private static string Set(string json, string field, string number)
    {
        var root = JsonNode.Parse(json)!;
        root[field] = JsonNode.Parse(number);
        return root.ToJsonString();
    }

    private static void Edit(string folder, string name, Func<string, string> change)
    {
        string path = Path.Combine(folder, name);
        string text = File.ReadAllText(path);
        string changed = change(text);
        Assert.AreNotEqual(text, changed);
        File.WriteAllText(path, changed);
    }

    private void AssertRefused(Action<string> damage, params string[] parts)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        damage(folder);
        InvalidDataException? error = null;
        void Load() => error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder));
        if (ProcessMemory.CanMeasure)
        {
            long allowed = LittleMemory + 2 * Math.Min(new DirectoryInfo(folder).EnumerateFiles("*.json").Max(f => f.Length), 64 << 20);
            Assert.IsLessThan(allowed, ProcessMemory.PeakGrowth(Load));
        }
        else
        {
            Load();
        }
        foreach (string part in parts) Assert.Contains(part, error!.Message);
    }
}
