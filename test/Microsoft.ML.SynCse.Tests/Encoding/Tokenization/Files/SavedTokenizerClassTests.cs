using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// From version 5 on, transformers takes the vocabulary from tokenizer.json and builds the rest by the class that tokenizer_config.json
/// names. What is saved names a class that builds what the file says, or the one that reads it as it stands.
/// </summary>
[TestClass]
public sealed class SavedTokenizerClassTests
{
    private const string Config = "tokenizer_config.json", Json = "tokenizer.json";
    private const string Source = "syncse_tokenizer_source.json", Plain = "PreTrainedTokenizerFast";
    private const string Metaspace = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""";
    private const string SplitMetaspace = $$"""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {{Metaspace}}] }""";
    private const string OneBlank = """{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""";
    private const string PairOfBlanks = """{"type": "Replace", "pattern": {"String": "  "}, "content": " "}""";
    private const string Marked = """{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}""";
    private const string StripRight = """{"type": "Strip", "strip_left": false, "strip_right": true}""";

    private static readonly string[] _texts =
    [
        "Cats café, a cat[CLS] ab", "[MASK] É中 😀😀 x", "ab ab<pad> ba Ab", "",
        "bc  bc\tb ", " b<mask> c <s>", "a  b", "Ab É", "'S ab",
    ];

    [TestMethod]
    [DataRow("XLMRobertaTokenizer", Metaspace, Plain)]
    [DataRow("XLMRobertaTokenizerFast", Metaspace, Plain)]
    [DataRow("CamembertTokenizer", Metaspace, Plain)]
    [DataRow(null, Metaspace, Plain)]
    [DataRow("T5Tokenizer", Metaspace, Plain)]
    [DataRow("T5Tokenizer", SplitMetaspace, Plain)]
    [DataRow("BertTokenizer", SplitMetaspace, Plain)]
    [DataRow("TokenizersBackend", Metaspace, "TokenizersBackend")]
    [DataRow("XLMRobertaTokenizer", SplitMetaspace, "XLMRobertaTokenizer")]
    [DataRow("XLMRobertaTokenizerFast", SplitMetaspace, "XLMRobertaTokenizerFast")]
    [DataRow(null, SplitMetaspace, null)]
    public void Pieces_keep_the_class_only_where_it_builds_the_same_tokenizer(string? before, string preTokenizer, string? after)
    {
        var root = TinyTokenizer.XlmRoberta();
        root["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        CheckClass(root, "xlm-roberta", new JsonObject { ["pad_token"] = "<pad>", ["other"] = 7 }, before, after);
    }

    [TestMethod]
    [DataRow("", "normalizer", "null", true)]
    [DataRow("", "normalizer", "[charsmap]", true)]
    [DataRow("", "normalizer", OneBlank, true)]
    [DataRow("", "normalizer", $"[charsmap], {OneBlank}", true)]
    [DataRow("", "normalizer", $"{OneBlank}, [charsmap]", false)]
    [DataRow("", "normalizer", $"[charsmap], {PairOfBlanks}", false)]
    [DataRow("", "normalizer", $"[charsmap], {Marked}", false)]
    [DataRow("", "normalizer", $"[charsmap], {StripRight}, {Marked}", false)]
    [DataRow("", "normalizer", """[charsmap], {"type": "Lowercase"}""", false)]
    [DataRow("", "normalizer", """{"type": "NFKC"}""", false)]
    [DataRow("", "normalizer", """{"type": "Lowercase"}""", false)]
    [DataRow("", "normalizer", """{"type": "Nmt"}, [charsmap]""", false)]
    [DataRow("model", "byte_fallback", "true", false)]
    [DataRow("model", "unk_id", "4", false)]
    [DataRow("", "post_processor", "null", false)]
    [DataRow("", "post_processor", """{"type": "RobertaProcessing", "cls": ["<s>", 0], "sep": ["</s>", 2]}""", true)]
    [DataRow("", "post_processor", """{"type": "RobertaProcessing", "cls": ["</s>", 2], "sep": ["<s>", 0]}""", false)]
    [DataRow("post_processor", "single",
        """[{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]""", false)]
    [DataRow("config", "add_prefix_space", "true", true)]
    [DataRow("config", "add_prefix_space", "false", false)]
    [DataRow("config", "bos_token", "\"<mask>\"", false)]
    [DataRow("config", "eos_token", "{\"content\": \"<mask>\"}", false)]
    [DataRow("config", "added_tokens_decoder",
        """{"0": {"content": "<s>", "special": true}, "10": {"content": "<mask>", "lstrip": true, "special": true}}""", true)]
    [DataRow("config", "added_tokens_decoder", """{"10": {"content": "<mask>", "lstrip": false, "special": true}}""", false)]
    [DataRow("config", "added_tokens_decoder", """{"11": {"content": "more", "special": false}}""", false)]
    [DataRow("", "added_tokens", """[{"id": 0, "content": "<s>", "normalized": false, "special": true}]""", false)]
    public void Pieces_keep_the_class_only_where_all_that_it_builds_is_the_same(string part, string name, string value, bool kept)
    {
        var root = TinyTokenizer.XlmRoberta();
        var config = new JsonObject { ["pad_token"] = "<pad>" };
        var parsed = JsonNode.Parse(name == "normalizer" ? Sequence(value) : value);
        (part switch { "" => root, "config" => config, _ => root.At(part) })[name] = parsed;
        CheckClass(root, "xlm-roberta", config, "XLMRobertaTokenizer", kept ? "XLMRobertaTokenizer" : Plain);
    }

    [TestMethod]
    [DataRow("<s>NOTUSED,<pad>,</s>NOTUSED,<unk>,<unk>NOTUSED,<s>,</s>", true)]
    [DataRow("<s>NOTUSED,<pad>,<unk>,<unk>,<unk>NOTUSED,<s>,</s>", false)]
    [DataRow("<s>NOTUSED,<pad>,</s>NOTUSED,<other>,<unk>NOTUSED,<s>,</s>", false)]
    public void CamemBERTs_class_finds_its_unknown_token_by_its_text(string first, bool kept)
    {
        var root = TinyTokenizer.XlmRoberta();
        string[] texts = [.. first.Split(','), "▁", "b", "<mask>"];
        root["model"]!["vocab"] = new JsonArray([.. texts.Select(text => new JsonArray(text, text.Length == 1 ? -2.5 : 0.0))]);
        root["added_tokens"] = new JsonArray([.. texts.Select((text, id) => Token(id, text))
            .Where(token => ((string)token["content"]!).Length > 1)
            .DistinctBy(token => (string)token["content"]!)]);
        root["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "cls": ["<s>", 5], "sep": ["</s>", 6]}""");
        const string Class = "CamembertTokenizer";
        CheckClass(root, "camembert", new JsonObject { ["pad_token"] = "<pad>" }, Class, kept ? Class : Plain);
    }

    [TestMethod]
    [DataRow("BertTokenizer", """{"type": "BertPreTokenizer"}""", "BertTokenizer")]
    [DataRow("BertTokenizerFast", """{"type": "Whitespace"}""", Plain)]
    [DataRow("MPNetTokenizer", """{"type": "BertPreTokenizer"}""", Plain)]
    [DataRow(null, """{"type": "BertPreTokenizer"}""", null)]
    [DataRow(null, """{"type": "WhitespaceSplit"}""", Plain)]
    public void Words_keep_the_class_only_where_it_builds_the_same_tokenizer(string? before, string preTokenizer, string? after)
    {
        var root = Bert();
        root["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        CheckClass(root, "bert", new JsonObject { ["cls_token"] = "[CLS]" }, before, after);
    }

    [TestMethod]
    [DataRow("normalizer", "clean_text", "false")]
    [DataRow("normalizer", "lowercase", "false")]
    [DataRow("model", "max_input_chars_per_word", "50")]
    [DataRow("added_tokens", "", """[{"id": 0, "content": "[PAD]", "special": true}, {"id": 2, "content": "[CLS]", "special": true}]""")]
    [DataRow("config", "added_tokens_decoder", """{"2": {"content": "[CLS]", "special": true, "rstrip": true}}""")]
    public void Words_lose_the_class_where_it_would_change_anything(string part, string name, string value)
    {
        var (root, config) = (Bert(), new JsonObject { ["pad_token"] = "[PAD]" });
        if (name.Length == 0) root[part] = JsonNode.Parse(value);
        else (part == "config" ? config : root.At(part))[name] = JsonNode.Parse(value);
        CheckClass(root, "bert", config, "BertTokenizer", Plain);
    }

    // Without these two it would be another tokenizer in Python, whatever its class.
    [TestMethod]
    public void The_plain_class_goes_without_settings_that_would_change_it()
    {
        var root = TinyTokenizer.ByteLevelBpe();
        root.At("pre_tokenizer")["add_prefix_space"] = true;
        var config = new JsonObject { ["tokenizer_class"] = "Qwen2Tokenizer", ["add_bos_token"] = false, ["add_eos_token"] = true };
        var written = Read(Save(root, "roberta", config)[Config]);
        Assert.AreEqual($$"""{"tokenizer_class":"{{Plain}}","add_prefix_space":true}""", written.ToJsonString());
    }

    // A class's settings in tokenizer_config.json go before tokenizer.json's own; who does not know the class reads tokenizer.json alone.
    [TestMethod]
    [DataRow("BertTokenizer", "BertPreTokenizer", """{"do_lower_case": false}""", "BertTokenizer")]
    [DataRow("BertTokenizerFast", "BertPreTokenizer", """{"strip_accents": false}""", "BertTokenizerFast")]
    [DataRow(null, "BertPreTokenizer", """{"tokenize_chinese_chars": false}""", null)]
    [DataRow("BertTokenizer", "Whitespace", """{"do_lower_case": false}""", Plain)]
    [DataRow("BertTokenizer", "Whitespace", """{"do_lower_case": false, "strip_accents": true}""", Plain)]
    [DataRow("SqueezeBertTokenizer", "BertPreTokenizer", """{"do_lower_case": false}""", Plain)]
    [DataRow(null, "WhitespaceSplit", """{"tokenize_chinese_chars": false}""", Plain)]
    public void What_a_class_changes_of_case_and_accents_is_written_into_tokenizer_json(
        string? before, string preTokenizer, string settings, string? after)
    {
        var root = Bert();
        root["pre_tokenizer"] = new JsonObject { ["type"] = preTokenizer };
        CheckWritten(root, "bert", before, settings, after, "normalizer");
    }

    [TestMethod]
    [DataRow("RobertaTokenizer", true, "RobertaTokenizer")]
    [DataRow("RobertaTokenizerFast", false, Plain)]
    [DataRow("GPT2Tokenizer", true, Plain)]
    public void What_a_class_changes_of_blanks_is_written_into_tokenizer_json(string before, bool framed, string after)
    {
        var root = TinyTokenizer.ByteLevelBpe();
        root.At("pre_tokenizer")["trim_offsets"] = false;
        root.At("model.vocab")["<s>"] = 8;
        root.At("model.vocab")["</s>"] = 9;
        root.At("model.vocab")["<unk>"] = 10;
        foreach (var (id, token) in new[] { (8, "<s>"), (9, "</s>"), (10, "<unk>") })
            root["added_tokens"]!.AsArray().Add((JsonNode)Token(id, token));
        if (framed) root["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["</s>", 9], "cls": ["<s>", 8]}""");
        CheckWritten(root, "roberta", before, """{"add_prefix_space": true}""", after, "pre_tokenizer");
    }

    private static void CheckWritten(JsonObject root, string modelType, string? before, string settings, string? after, string part)
    {
        var config = JsonNode.Parse(settings)!.AsObject();
        if (before is not null) config["tokenizer_class"] = before;
        var files = new MemoryFiles { [Json] = root.ToJsonString(new() { WriteIndented = true }), [Config] = config.ToJsonString() };
        var tokenizer = SentenceTokenizer.Load(files, new TokenizerHints(modelType));
        var saved = new ByteFiles(tokenizer.FilesToSave(32));
        Assert.AreEqual(after, (string?)Read(saved[Config])["tokenizer_class"]);
        string written = Encoding.UTF8.GetString(saved[Json]);
        Assert.IsFalse(JsonNode.DeepEquals(root[part], JsonNode.Parse(written)![part]));
        // The part alone is another: what stands before it and behind it is there byte for byte.
        var with = Read(saved[Json]);
        with[part] = root[part]!.DeepClone();
        Assert.IsTrue(JsonNode.DeepEquals(root, with));
        int at = files[Json].IndexOf($"\"{part}\"", StringComparison.Ordinal);
        Assert.AreEqual(files[Json][..at], written[..at]);
        var alone = new ByteFiles([new(Json, saved[Json])]);
        var plain = new ByteFiles([.. alone, new(Config, """{"tokenizer_class": "TokenizersBackend"}"""u8.ToArray())]);
        foreach (var other in new[] { saved, alone, plain }) CheckSame(tokenizer, SentenceTokenizer.Load(other, new(modelType)));
        CheckAgain(files, saved, modelType);
    }

    private static void CheckClass(JsonObject root, string modelType, JsonObject config, string? before, string? after)
    {
        if (before is not null) config["tokenizer_class"] = before;
        var files = new MemoryFiles { [Json] = root.ToJsonString(), [Config] = config.ToJsonString() };
        var tokenizer = SentenceTokenizer.Load(files, new TokenizerHints(modelType));
        var saved = new ByteFiles(tokenizer.FilesToSave(32));
        var written = Read(saved[Config]);
        Assert.AreEqual(after, (string?)written["tokenizer_class"]);
        Assert.AreEqual(before != after, saved.ContainsKey(Source));
        if (before == after) Assert.AreEqual(files[Config], Encoding.UTF8.GetString(saved[Config]));
        // Nothing but the class is another.
        Assert.AreEqual(files[Json], Encoding.UTF8.GetString(saved[Json]));
        written.Remove("tokenizer_class");
        config.Remove("tokenizer_class");
        Assert.IsTrue(JsonNode.DeepEquals(config, written));
        CheckSame(tokenizer, SentenceTokenizer.Load(saved, new(modelType)));
        CheckAgain(files, saved, modelType);
    }

    private static void CheckSame(SentenceTokenizer tokenizer, SentenceTokenizer other)
    {
        foreach (string text in _texts) Assert.AreEqual(tokenizer.Ids(text), other.Ids(text), text);
    }

    // Saved again it is the same, and it is known for what it was read from.
    private static void CheckAgain(MemoryFiles files, ByteFiles saved, string modelType)
    {
        var again = SentenceTokenizer.Load(saved, new TokenizerHints(modelType));
        var twice = again.FilesToSave(99);
        CollectionAssert.AreEquivalent(saved.Keys, twice.Keys.ToArray());
        foreach (var (name, bytes) in saved) CollectionAssert.AreEqual(bytes, twice[name], name);
        var source = again.FilesOfSource(99);
        foreach (var (name, text) in files) Assert.AreEqual(text, Encoding.UTF8.GetString(source[name]), name);
        Assert.IsFalse(source.ContainsKey(Source));
    }

    private static ByteFiles Save(JsonObject root, string modelType, JsonObject config)
    {
        var files = new MemoryFiles { [Json] = root.ToJsonString(), [Config] = config.ToJsonString() };
        return new(SentenceTokenizer.Load(files, new TokenizerHints(modelType)).FilesToSave(32));
    }

    private static JsonObject Bert()
    {
        var root = TinyTokenizer.Bert();
        root["added_tokens"]!.AsArray().Insert(1, Token(1, "[UNK]"));
        return root;
    }

    private static JsonObject Token(int id, string content)
        => new() { ["id"] = id, ["content"] = content, ["special"] = true, ["normalized"] = false };

    // One normalizer, or several with the character map among them.
    private static string Sequence(string listed)
    {
        string map = TinyCharacterMap.Normalizer().ToString();
        listed = listed.Replace("[charsmap]", map);
        return listed == map || !listed.Contains(map) ? listed : $$"""{"type": "Sequence", "normalizers": [{{listed}}] }""";
    }

    private static JsonObject Read(byte[] json) => JsonNode.Parse(json)!.AsObject();
}
