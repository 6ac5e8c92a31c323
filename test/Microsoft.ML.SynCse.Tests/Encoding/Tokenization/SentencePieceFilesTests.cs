using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SentencePieceFilesTests
{
    [TestMethod]
    [DataRow("sentencepiece.bpe.model")]
    [DataRow("spiece.model")]
    public void Pieces_are_numbered_as_fairseq_numbers_them(string name)
    {
        var tokenizer = Load(new(), name: name);
        // <s> 0, <pad> 1, </s> 2, <unk> 3, then the pieces one further than in the file, the mask last.
        Assert.AreEqual("0 6 7 4 5 2", tokenizer.Ids("cats b"));
        Assert.AreEqual("0 6 4 3 4 3 2", tokenizer.Ids("cat xyz é"));
        Assert.AreEqual(1, tokenizer.PadId);
        Assert.AreEqual(10, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Tokens_of_the_files_kind_are_found_in_text()
    {
        var tokenizer = Load(new());
        // The blank before a mask is part of it; a piece that the user defined is never cut.
        Assert.AreEqual("0 6 9 6 8 4 5 2", tokenizer.Ids("cat <mask>cat[NEW]b"));
        Assert.AreEqual("0 6 10 4 5 2", Load(new(), """{"added_tokens_decoder": {"10": {"content": "more"}}}""").Ids("catmoreb"));
    }

    [TestMethod]
    [DataRow("XLMRobertaTokenizer")]
    [DataRow("XLMRobertaTokenizerFast")]
    public void A_BERT_may_have_the_tokenizer_of_XLM_R(string tokenizerClass)
    {
        // As multilingual-e5-small and paraphrase-multilingual-MiniLM-L12-v2 are.
        var files = new ByteFiles([new("sentencepiece.bpe.model", new TinySentencePiece().ToBytes())])
        {
            ["tokenizer_config.json"] = System.Text.Encoding.UTF8.GetBytes($$"""{"tokenizer_class": "{{tokenizerClass}}"}"""),
        };
        Assert.AreEqual("0 6 7 4 5 2", SentenceTokenizer.Load(files, new TokenizerHints("bert")).Ids("cats b"));
    }

    [TestMethod]
    public void Blanks_and_characters_are_changed_as_the_model_says()
    {
        Assert.AreEqual("0 5 6 2", Load(new() { PrependsBlank = false }).Ids("b cat"));
        Assert.AreEqual("0 6 6 2", Load(new()).Ids("cat    cat"));
        // 'a' becomes "bc".
        Assert.AreEqual("0 4 5 3 2", Load(new() { CharacterMap = TinyCharacterMap.Bytes() }).Ids("a"));
    }

    [TestMethod]
    public void Bytes_stand_in_where_the_model_has_them()
    {
        var model = new TinySentencePiece { ByteFallback = true };
        model.Pieces.AddRange([("<0xC3>", 0, 6), ("<0xA9>", 0, 6)]);
        Assert.AreEqual("0 4 9 10 2", Load(model).Ids("é"));
        Assert.AreEqual("0 4 3 2", Load(model with { ByteFallback = false }).Ids("é"));
    }

    [TestMethod]
    public void What_cannot_be_used_is_said()
    {
        Refused(new() { ModelType = 2 }, "is a SentencePiece model of the type BPE, which is not supported; Unigram is");
        Refused(new() { ModelType = 9 }, "of the type 9");
        Refused(new() { EscapesBlanks = false }, "has escape_whitespaces off");
        Refused(new() { Pieces = [("<s>", 0, 3), ("<unk>", 0, 2), ("</s>", 0, 3), ("a", 0, 1)] }, "does not begin with an unknown piece");
        Refused(new() { Pieces = [] }, "does not begin with an unknown piece");
        Refused(new() { Pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("a", 0, 1), ("a", 0, 1)] }, "has the token 'a' twice");
        Refused(new() { Pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("a", float.NaN, 1)] }, "whose score is not a number");
        var missing = Assert.ThrowsExactly<InvalidDataException>(()
            => SentenceTokenizer.Load(new MemoryFiles(), new TokenizerHints("xlm-roberta")));
        StringAssert.Contains(missing.Message, "sentencepiece.bpe.model in 'memory' is missing");
    }

    [TestMethod]
    public void A_damaged_file_is_named_or_works()
    {
        byte[] bytes = new TinySentencePiece { CharacterMap = TinyCharacterMap.Bytes() }.ToBytes();
        var random = new Random(2);
        int refused = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = round < 200 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
            for (int change = 0; change < 3 && damaged.Length > 0; change++) damaged[random.Next(Math.Min(damaged.Length, 400))] =
                (byte)random.Next(256);
            try
            {
                SentenceTokenizer.Load(new ByteFiles([new("sentencepiece.bpe.model", damaged)]), new TokenizerHints("xlm-roberta"))
                    .Ids("cats and b");
            }
            catch (InvalidDataException error)
            {
                StringAssert.Contains(error.Message, "memory");
                refused++;
            }
        }
        Assert.IsGreaterThan(200, refused);
    }

    private static void Refused(TinySentencePiece model, string complaint)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Load(model));
        StringAssert.Contains(error.Message, complaint);
        StringAssert.Contains(error.Message, "sentencepiece.bpe.model in 'memory'");
    }

    private static SentenceTokenizer Load(TinySentencePiece model, string? config = null, string name = "sentencepiece.bpe.model")
    {
        var files = new ByteFiles([new(name, model.ToBytes())]);
        if (config is not null) files["tokenizer_config.json"] = System.Text.Encoding.UTF8.GetBytes(config);
        return SentenceTokenizer.Load(files, new TokenizerHints("xlm-roberta"));
    }
}
