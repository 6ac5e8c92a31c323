using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class OlderTokenizerFilesTests
{
    [TestMethod]
    public void Words_of_vocab_txt_are_numbered_by_line()
    {
        var tokenizer = Load(Bert());
        Assert.AreEqual("2 5 6 3", tokenizer.Ids("CATS"));
        Assert.AreEqual("2 4 5 3", tokenizer.Ids("[MASK]cat"));
        Assert.AreEqual(0, tokenizer.PadId);
        Assert.AreEqual(7, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Windows_line_ends_and_blank_lines_at_the_end_make_no_tokens()
    {
        var files = Bert();
        files["vocab.txt"] = files["vocab.txt"].Replace("\n", "\r\n") + "\r\n\r\n";
        Assert.AreEqual(7, Load(files).VocabularySize);
    }

    [TestMethod]
    public void Of_two_equal_lines_the_later_counts_and_a_blank_one_is_an_id_without_a_token()
    {
        var files = Bert();
        files["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\n\n##s\n\ncat\ndog\n\n\n";
        var tokenizer = Load(files);
        Assert.AreEqual("2 9 7 10 3", tokenizer.Ids("cats dog"));
        Assert.AreEqual(11, tokenizer.VocabularySize);
        // What is saved says the same, with and without tokenizer.json.
        var saved = new ByteFiles(tokenizer.FilesToSave(32));
        foreach (var only in new[] { saved, new ByteFiles(saved.Where(file => file.Key != "tokenizer.json")),
            new ByteFiles(saved.Where(file => file.Key != "vocab.txt")) })
            Assert.AreEqual("2 9 7 10 3", SentenceTokenizer.Load(only, new TokenizerHints("bert")).Ids("cats dog"));
    }

    [TestMethod]
    public void CamemBERTs_pieces_come_behind_five_of_its_own()
    {
        var files = new ByteFiles([new("sentencepiece.bpe.model", new TinySentencePiece().ToBytes())]);
        var (camembert, xlm) =
            (SentenceTokenizer.Load(files, new TokenizerHints("camembert")),
            SentenceTokenizer.Load(files, new TokenizerHints("xlm-roberta")));
        var (ours, theirs) = (camembert.Encode("b cat s", 99, out _), xlm.Encode("b cat s", 99, out _));
        // <s> and </s> are the model's own, 5 and 6; every other piece has an id three above XLM-RoBERTa's.
        Assert.AreEqual(5, ours[0]);
        Assert.AreEqual(6, ours[^1]);
        CollectionAssert.AreEqual(theirs[1..^1].Select(id => id + 3).ToArray(), ours[1..^1]);
        Assert.AreEqual(1, camembert.PadId);
        Assert.AreEqual(xlm.MaskId + 3, camembert.MaskId);
    }

    [TestMethod]
    public void Special_tokens_may_have_other_names_and_flags()
    {
        var files = Bert();
        files["vocab.txt"] = "<pad>\n<unk>\n<s>\n</s>\n<m>\ncat\n##s";
        files["tokenizer_config.json"] =
            """
                {"unk_token": "<unk>", "cls_token": {"content": "<s>"}, "pad_token": "<pad>",
                "added_tokens_decoder": {"7": {"content": "New", "special": false}}}
                """;
        files["special_tokens_map.json"] = """{"sep_token": "</s>", "mask_token": {"content": "<m>", "single_word": true}}""";
        files["added_tokens.json"] = """{"more": 8}""";
        var tokenizer = Load(files);
        Assert.AreEqual("2 7 8 4 1 3", tokenizer.Ids("NEW MORE <m> x"));
        Assert.AreEqual(9, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Merges_and_vocabulary_make_a_byte_level_tokenizer()
    {
        var files = new MemoryFiles
        {
            ["vocab.json"] =
                """{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "Ġ": 6, "ab": 7, "<mask>": 8, "#version": 9, "#": 10}""",
            ["merges.txt"] = "#version: 0.2\na b\n",
        };
        var tokenizer = Load(files, "roberta");
        Assert.AreEqual("0 7 6 7 2", tokenizer.Ids("ab ab"));
        // The blank before a mask is part of it.
        Assert.AreEqual("0 4 8 6 5 2", tokenizer.Ids("a <mask> b"));
        Assert.AreEqual(1, tokenizer.PadId);
    }

    [TestMethod]
    [DataRow("bert", "vocab.txt", null, "vocab.txt in 'memory' is missing")]
    [DataRow("bert", "vocab.txt", "", "is empty")]
    [DataRow("bert", "vocab.txt", "a\nb", "has no unk_token: '[UNK]'")]
    [DataRow("bert", "vocab.txt", "[PAD]\n[UNK]\n[SEP]", "has no cls_token: '[CLS]'")]
    [DataRow("bert", "added_tokens.json", """{"new": 9}""", null)]
    [DataRow("bert", "added_tokens.json", """{"new": 3}""", "gives the id 3 to both")]
    [DataRow("bert", "tokenizer_config.json", """{"added_tokens_decoder": {"x": {"content": "a"}}}""", "not listed under an id")]
    [DataRow("bert", "tokenizer_config.json", """{"cls_token": 3}""", "cls_token must be a string")]
    [DataRow("bert", "tokenizer_config.json", """{"tokenizer_class": "BertJapaneseTokenizer"}""",
        "tokenizer_config.json in 'memory' has the tokenizer_class 'BertJapaneseTokenizer'")]
    [DataRow("bert", "tokenizer_config.json", """{"tokenizer_class": "PreTrainedTokenizerFast"}""", null)]
    [DataRow("roberta", "vocab.txt", "", "vocab.json in 'memory' is missing")]
    [DataRow("roberta", "vocab.json", """{"a": 0}""", "merges.txt in 'memory' is missing")]
    [DataRow("gpt_neox", "vocab.txt", "a",
        "for the model_type 'gpt_neox' no other tokenizer files are known (known for bert, camembert, distilbert, electra, mpnet, "
        + "roberta, xlm-roberta)")]
    public void What_is_wrong_with_older_files_is_said(string modelType, string name, string? content, string? complaint)
    {
        var files = Bert();
        if (content is null) files.Remove(name);
        else files[name] = content;
        if (complaint is null)
        {
            Load(files, modelType);
            return;
        }
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Load(files, modelType)).Message, complaint);
    }

    private static MemoryFiles Bert() => new() { ["vocab.txt"] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\n##s" };

    private static SentenceTokenizer Load(MemoryFiles files, string modelType = "bert")
        => SentenceTokenizer.Load(files, new TokenizerHints(modelType));
}
