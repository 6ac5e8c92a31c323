using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SavedTokenizerFilesTests
{
    private const string Config = "tokenizer_config.json", Map = "special_tokens_map.json", Json = "tokenizer.json";

    private static readonly string[] _texts = ["Cats café, a cat[CLS] ab", "[MASK] É中 😀😀 x", "ab ab<pad> ba Ab", ""];

    [TestMethod]
    public void What_was_read_is_kept_byte_for_byte()
    {
        var files = new MemoryFiles { [Json] = Bert().ToJsonString(), [Map] = "{ }", ["vocab.txt"] = "kept", ["other.txt"] = "not ours" };
        var saved = SentenceTokenizer.Load(files, new TokenizerHints("bert")).FilesToSave(32);
        CollectionAssert.AreEquivalent(new[] { Json, Map, "vocab.txt", Config }, saved.Keys.ToArray());
        foreach (string? name in new[] { Json, Map, "vocab.txt" }) Assert.AreEqual(files[name], Encoding.UTF8.GetString(saved[name]));
    }

    [TestMethod]
    [DataRow(true, null)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    public void Words_get_the_older_files_too(bool lowerCase, bool? stripAccents)
    {
        var root = Bert();
        root.At("normalizer")["lowercase"] = lowerCase;
        root.At("normalizer")["strip_accents"] = stripAccents;
        var saved = Save(root, "electra");
        CollectionAssert.AreEquivalent(new[] { Json, Config, Map, "vocab.txt" }, saved.Keys.ToArray());
        StringAssert.StartsWith(Encoding.UTF8.GetString(saved["vocab.txt"]), "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n##s\n");
        var config = Read(saved[Config]);
        Assert.AreEqual("ElectraTokenizer", (string?)config["tokenizer_class"]);
        Assert.AreEqual(32, (int?)config["model_max_length"]);
        Assert.AreEqual(lowerCase, (bool?)config["do_lower_case"]);
        Assert.AreEqual("[PAD] [UNK] [CLS] [SEP]",
            $"{config["pad_token"]} {config["unk_token"]} {config["cls_token"]} {config["sep_token"]}");
        Assert.AreEqual("""{"unk_token":"[UNK]","sep_token":"[SEP]","pad_token":"[PAD]","cls_token":"[CLS]"}""",
            Read(saved[Map]).ToJsonString());
        CheckSame(root, saved, "electra");
        saved.Remove(Json);
        CheckSame(root, saved, "electra");
    }

    [TestMethod]
    public void Merges_get_the_older_files_too()
    {
        var root = TinyTokenizer.ByteLevelBpe();
        root["added_tokens"] = new JsonArray(Token(0, "<pad>"), Token(8, "<s>"), Token(9, "</s>"), Token(10, "<unk>"));
        root["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["</s>", 9], "cls": ["<s>", 8]}""");
        var saved = Save(root, "roberta");
        CollectionAssert.AreEquivalent(new[] { Json, Config, Map, "vocab.json", "merges.txt" }, saved.Keys.ToArray());
        Assert.AreEqual("#version: 0.2\na b\nĠ a\nĠ ab\na a\n", Encoding.UTF8.GetString(saved["merges.txt"]));
        Assert.AreEqual("""{"<pad>":0,"a":1,"b":2,"Ġ":3,"ab":4,"Ġa":5,"Ġab":6,"aa":7}""",
            Encoding.UTF8.GetString(saved["vocab.json"]).ReplaceLineEndings("").Replace(" ", ""));
        var config = Read(saved[Config]);
        Assert.AreEqual("RobertaTokenizer <s> </s>", $"{config["tokenizer_class"]} {config["bos_token"]} {config["eos_token"]}");
        CheckSame(root, saved, "roberta");
        saved.Remove(Json);
        CheckSame(root, saved, "roberta");
    }

    [TestMethod]
    [DataRow("model", "continuing_subword_prefix", "\"__\"")]
    [DataRow("model", "max_input_chars_per_word", "50")]
    [DataRow("normalizer", "clean_text", "false")]
    [DataRow("", "normalizer", """{"type": "Lowercase"}""")]
    [DataRow("", "pre_tokenizer", """{"type": "Whitespace"}""")]
    [DataRow("", "post_processor", "null")]
    [DataRow("model.vocab", "line\\nbreak", "15")]
    public void Older_files_that_would_say_something_else_are_not_written(string part, string name, string value)
    {
        var root = Bert();
        (part.Length == 0 ? root : root.At(part))[name.Replace("\\n", "\n")] = JsonNode.Parse(value);
        var saved = Save(root, "bert");
        CollectionAssert.AreEquivalent(new[] { Json, Config, Map }, saved.Keys.ToArray());
        Assert.AreEqual("PreTrainedTokenizerFast", (string?)Read(saved[Config])["tokenizer_class"]);
        CheckSame(root, saved, "bert");
    }

    [TestMethod]
    public void Pieces_with_scores_are_saved_as_tokenizer_json()
    {
        var root = TinyTokenizer.Unigram();
        var saved = Save(root, "xlm-roberta");
        CollectionAssert.AreEquivalent(new[] { Json, Config, Map }, saved.Keys.ToArray());
        var config = Read(saved[Config]);
        Assert.AreEqual("PreTrainedTokenizerFast <pad> <unk>", $"{config["tokenizer_class"]} {config["pad_token"]} {config["unk_token"]}");
        CheckSame(root, saved, "xlm-roberta");
    }

    [TestMethod]
    public void Older_files_get_a_tokenizer_json()
    {
        var piece = new ByteFiles(
            [new("sentencepiece.bpe.model", new TinySentencePiece { CharacterMap = TinyCharacterMap.Bytes() }.ToBytes())]);
        Check(piece, "xlm-roberta", "XLMRobertaTokenizer");
        var words = new ByteFiles([new("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\n##s\n"u8.ToArray())]);
        Check(words, "distilbert", "DistilBertTokenizer");
        words[Config] = Encoding.UTF8.GetBytes(
            """{"do_lower_case": false, "unk_token": "[PAD]", "added_tokens_decoder": {"7": {"content": "Ab", "lstrip": true}}}""");
        Check(words, "bert", null);
        var merges = new ByteFiles(
            [new("vocab.json",
            """{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "Ġ": 6, "ab": 7, "<mask>": 8}"""u8.ToArray()),
            new("merges.txt", "a b\n"u8.ToArray())]);
        Check(merges, "roberta", "RobertaTokenizer");

        static void Check(ByteFiles files, string modelType, string? tokenizerClass)
        {
            var tokenizer = SentenceTokenizer.Load(files, new TokenizerHints(modelType));
            var saved = new ByteFiles(tokenizer.FilesToSave(32));
            CollectionAssert.AreEquivalent(files.Keys.Union([Json, Config, Map]).ToArray(), saved.Keys.ToArray());
            foreach (var (name, bytes) in files) Assert.AreSame(tokenizer.FilesToSave(32)[name], saved[name], $"{name}: {bytes.Length}");
            if (tokenizerClass is not null) Assert.AreEqual(tokenizerClass, (string?)Read(saved[Config])["tokenizer_class"]);
            foreach (var only in new[] { saved, new ByteFiles([new(Json, saved[Json]), new(Config, saved[Config])]) })
                foreach (string text in _texts) Assert.AreEqual(
                    tokenizer.Ids(text), SentenceTokenizer.Load(only, new TokenizerHints(modelType)).Ids(text), text);
        }
    }

    private static JsonObject Bert()
    {
        var root = TinyTokenizer.Bert();
        root["added_tokens"]!.AsArray().Insert(1, Token(1, "[UNK]"));
        return root;
    }

    private static JsonObject Token(int id, string content)
        => new() { ["id"] = id, ["content"] = content, ["special"] = true, ["normalized"] = false };

    private static ByteFiles Save(JsonObject root, string modelType)
    {
        var saved = new ByteFiles(Load(root, modelType).FilesToSave(32));
        // Saved again nothing more comes and nothing changes.
        var again = SentenceTokenizer.Load(saved, new TokenizerHints(modelType)).FilesToSave(99);
        CollectionAssert.AreEqual(saved.Keys, again.Keys.ToArray());
        foreach (var (name, bytes) in saved) CollectionAssert.AreEqual(bytes, again[name], name);
        return saved;
    }

    private static void CheckSame(JsonObject root, ByteFiles saved, string modelType)
    {
        var (before, after) = (Load(root, modelType), SentenceTokenizer.Load(saved, new TokenizerHints(modelType)));
        foreach (string text in _texts) Assert.AreEqual(before.Ids(text), after.Ids(text), text);
        Assert.AreEqual(before.PadId, after.PadId);
    }

    private static SentenceTokenizer Load(JsonObject root, string modelType)
        => SentenceTokenizer.Load(new MemoryFiles { [Json] = root.ToJsonString() }, new TokenizerHints(modelType));

    private static JsonObject Read(byte[] json) => JsonNode.Parse(json)!.AsObject();
}
