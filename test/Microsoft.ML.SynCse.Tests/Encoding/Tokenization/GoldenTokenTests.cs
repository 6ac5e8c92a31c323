using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[TestCategory(SharedFolder.Category)]
public sealed class GoldenTokenTests
{
    private static readonly string[] _olderFiles =
        ["tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt", "added_tokens.json",
        "sentencepiece.bpe.model"];

    [TestMethod]
    [DataRow("bert")]
    [DataRow("bert-cased")]
    [DataRow("distilbert")]
    [DataRow("electra")]
    [DataRow("mpnet")]
    [DataRow("roberta")]
    [DataRow("xlm-roberta")]
    public void Ids_of_every_text_are_those_of_Hugging_Face(string architecture)
    {
        string folder = SharedFolder.Path($"golden/architectures/{architecture}");
        CheckAll(Load(new FolderFileSource(folder), architecture),
            GoldenTokens.Read($"golden/architectures/{architecture}/expected-tokens.jsonl"), 64);
    }

    [TestMethod]
    [DataRow("bert")]
    [DataRow("bert-cased")]
    [DataRow("distilbert")]
    [DataRow("electra")]
    [DataRow("mpnet")]
    [DataRow("roberta")]
    [DataRow("xlm-roberta")]
    public void The_older_files_alone_give_the_same_ids(string architecture)
    {
        // Without tokenizer.json nothing says that the blank before a mask is not part of it, so the rule of RoBERTa and XLM-R holds, as it
        // does in transformers.
        // And the class of XLM-R, which the older files stand for, drops white space where this tokenizer.json gives it a token of its own.
        const string Masked = "<s> a </s> b <mask> c <pad> d <unk>";
        string[] different = architecture switch
        {
            "roberta" => [Masked],
            "xlm-roberta" => [" ", "\t leading and trailing \n", Masked],
            _ => [],
        };
        var source = new SelectedFiles(new FolderFileSource(SharedFolder.Path($"golden/architectures/{architecture}")), _olderFiles);
        CheckAll(Load(source, architecture), GoldenTokens.Read($"golden/architectures/{architecture}/expected-tokens.jsonl"), 64,
            different);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Ids_of_a_real_model_are_those_of_Hugging_Face(bool withTokenizerJson)
    {
        IModelFileSource source = new FolderFileSource(SharedFolder.Path("models/all-MiniLM-L6-v2"));
        if (!withTokenizerJson) source = new SelectedFiles(source, _olderFiles);
        CheckAll(Load(source, "bert"), GoldenTokens.Read("golden/all-MiniLM-L6-v2/tokens.jsonl"), 128);
    }

    [TestMethod]
    public void Ids_of_the_stand_in_encoder_are_those_of_Hugging_Face()
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("golden/standin-encoder/embeddings.json")));
        var texts = expected.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!);
        var ids = expected.RootElement.GetProperty("input_ids").EnumerateArray()
            .Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray());
        CheckAll(Load(new FolderFileSource(SharedFolder.Path("models/standin-encoder")), "bert"),
            [.. texts.Zip(ids, (text, row) => new GoldenTokens(text, row, true))], 128);
    }

    [TestMethod]
    [DataRow("""{"type": "Precompiled"}""",
        """
            {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁",
            "add_prefix_space": true, "str_rep": "▁"}]}
            """, DisplayName = "xlm-roberta-base, e5, paraphrase-multilingual")]
    [DataRow("""
        {"type": "Sequence", "normalizers": [{"type": "Precompiled"}, {"type": "Strip", "strip_left": false, "strip_right": true},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]}
        """, """
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}
        """, DisplayName = "bge-m3")]
    public void Other_forms_of_XLM_R_s_file_differ_in_white_space_alone(string normalizer, string preTokenizer)
    {
        var root = JsonNode.Parse(File.ReadAllBytes(SharedFolder.Path("golden/architectures/xlm-roberta/tokenizer.json")))!;
        string map = root["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"]!.GetValue<string>();
        root["normalizer"] = JsonNode.Parse(normalizer.Replace("\"Precompiled\"", $"\"Precompiled\", \"precompiled_charsmap\": \"{map}\""));
        root["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        var tokenizer = SentenceTokenizer.Load(
            new MemoryFiles { ["tokenizer.json"] = root.ToJsonString() }, new TokenizerHints("xlm-roberta"));
        var golden = GoldenTokens.Read("golden/architectures/xlm-roberta/expected-tokens.jsonl");
        var different = golden.Where(row => !tokenizer.Encode(row.Text, 64, out _).SequenceEqual(row.Ids)).ToList();
        Assert.IsFalse(different.Any(row => row.Ordinary));
        // A blank at the end of a text or before an added token has a token of its own in the golden file.
        Assert.IsTrue(different.All(row => row.Text.EndsWith(' ') || row.Text.EndsWith('\n') || row.Text.Contains(" <")),
            string.Join('\n', different.Select(row => row.Text)));
        Assert.AreNotEqual(0, different.Count);
    }

    [TestMethod]
    [DataRow("a")]
    [DataRow("any word ")]
    [DataRow("日本語")]
    [DataRow("e\u0301")]
    [DataRow("👩‍👩‍👧‍👦")]
    public void A_hundred_thousand_characters_are_all_encoded(string repeated)
    {
        var tokenizer = Load(new FolderFileSource(SharedFolder.Path("golden/architectures/xlm-roberta")), "xlm-roberta");
        int[] ids = tokenizer.Encode(
            string.Concat(Enumerable.Repeat(repeated, 100_000 / repeated.Length)), int.MaxValue, out bool truncated);
        Assert.IsFalse(truncated);
        Assert.IsGreaterThan(2, ids.Length);
    }

    private static SentenceTokenizer Load(IModelFileSource source, string architecture)
        => SentenceTokenizer.Load(source, new TokenizerHints(architecture == "bert-cased" ? "bert" : architecture));

    private static void CheckAll(SentenceTokenizer tokenizer, List<GoldenTokens> golden, int maxTokens, string[]? different = null)
    {
        Assert.AreNotEqual(0, golden.Count);
        var wrong = golden.Where(row => !tokenizer.Encode(row.Text, maxTokens, out _).SequenceEqual(row.Ids)).ToList();
        string report = string.Join('\n', wrong.Select(row
            => $"{JsonSerializer.Serialize(row.Text)}\n  is        {string.Join(' ', tokenizer.Encode(row.Text, maxTokens, out _))}\n  "
                + $"should be {string.Join(' ', row.Ids)}"));
        CollectionAssert.AreEqual(different ?? [], wrong.Select(row => row.Text).ToArray(), report);
    }
}
