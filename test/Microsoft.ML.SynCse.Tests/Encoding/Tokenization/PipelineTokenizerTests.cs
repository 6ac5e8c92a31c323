using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PipelineTokenizerTests
{
    [TestMethod]
    public void Text_is_cut_at_tokens_and_the_closing_token_stays()
    {
        var tokenizer = TinyTokenizer.Load(TinyTokenizer.Bert());
        CollectionAssert.AreEqual(new[] { 2, 4, 3 }, tokenizer.Encode("cats a", 3, out bool truncated));
        Assert.IsTrue(truncated);
        CollectionAssert.AreEqual(new[] { 2, 4, 5, 7, 3 }, tokenizer.Encode("cats a", 5, out truncated));
        Assert.IsFalse(truncated);
        CollectionAssert.AreEqual(new[] { 2, 3 }, tokenizer.Encode("cats", 2, out truncated));
        Assert.IsTrue(truncated);
    }

    [TestMethod]
    public void Fewer_than_two_tokens_are_refused()
        => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TinyTokenizer.Load(TinyTokenizer.Bert()).Encode("a", 1, out _));

    [TestMethod]
    public void Half_a_surrogate_pair_is_a_replacement_character()
    {
        var bert = TinyTokenizer.Load(TinyTokenizer.Bert());
        // BERT drops U+FFFD.
        Assert.AreEqual("2 4 5 3", bert.Ids("cat\uD83Ds"));
        Assert.AreEqual("2 4 3", bert.Ids("\uDE00cat\uD83D"));
        Assert.AreEqual("2 11 12 3", bert.Ids("😀😀"));
        var bytes = TinyTokenizer.ByteLevelBpe();
        // EF BF BD, none of which has a token but the first.
        bytes.At("model.vocab")["ï"] = 8;
        Assert.AreEqual("1 8 2", TinyTokenizer.Load(bytes).Ids("a\uD800b"));
    }

    [TestMethod]
    public void Nul_characters_and_empty_text_are_text_like_any_other()
    {
        var tokenizer = TinyTokenizer.Load(TinyTokenizer.Bert());
        Assert.AreEqual("2 4 3", tokenizer.Ids("c\0at"));
        Assert.AreEqual("2 3", tokenizer.Ids(""));
        Assert.AreEqual("2 3", tokenizer.Ids("\0 \u200B"));
    }

    [TestMethod]
    public void A_text_without_any_token_is_a_padding_token()
    {
        var tokenizer = TinyTokenizer.Load(TinyTokenizer.ByteLevelBpe());
        Assert.AreEqual("0", tokenizer.Ids(""));
        Assert.AreEqual("0", tokenizer.Ids("?"));
        Assert.AreEqual("1", tokenizer.Ids("a"));
    }

    [TestMethod]
    public void A_word_is_too_long_by_characters_not_by_UTF16_units()
    {
        var tokenizer = TinyTokenizer.Load(TinyTokenizer.Bert());
        Assert.AreEqual(102, tokenizer.Encode(string.Concat(Enumerable.Repeat("😀", 100)), 1000, out _).Length);
        Assert.AreEqual("2 1 3", tokenizer.Ids(string.Concat(Enumerable.Repeat("😀", 101))));
    }

    [TestMethod]
    public void Text_may_be_lower_cased_before_added_tokens_are_looked_for()
    {
        var cased = TinyTokenizer.Bert();
        cased.At("normalizer")["lowercase"] = false;
        Assert.AreEqual("2 9 3 3", TinyTokenizer.Load(cased).Ids("Cat[SEP]"));
        Assert.AreEqual("2 4 1 1 1 3", TinyTokenizer.Load(cased, lowerCaseFirst: true).Ids("Cat[SEP]"));
    }

    [TestMethod]
    public void The_configuration_file_has_the_last_word_on_case_and_accents()
    {
        Assert.AreEqual("2 4 6 3", TinyTokenizer.Load(TinyTokenizer.Bert()).Ids("Cat café"));
        Assert.AreEqual("2 9 13 14 3", TinyTokenizer.Load(TinyTokenizer.Bert(), """{"do_lower_case": false}""").Ids("Cat café"));
        Assert.AreEqual("2 4 13 14 3", TinyTokenizer.Load(TinyTokenizer.Bert(), """{"strip_accents": false}""").Ids("Cat café"));
        Assert.AreEqual("2 4 6 3",
            TinyTokenizer.Load(TinyTokenizer.Bert(), """{"do_lower_case": false, "tokenizer_class": "PreTrainedTokenizerFast"}""")
            .Ids("Cat café"));
    }

    [TestMethod]
    public void A_blank_may_be_put_before_byte_level_text()
    {
        var tokenizer = TinyTokenizer.ByteLevelBpe();
        Assert.AreEqual("4 6", TinyTokenizer.Load(tokenizer).Ids("ab ab"));
        Assert.AreEqual("6 6", TinyTokenizer.Load(tokenizer, """{"add_prefix_space": true}""").Ids("ab ab"));
        Assert.AreEqual("0", TinyTokenizer.Load(tokenizer, """{"add_prefix_space": true}""").Ids(""));
    }

    [TestMethod]
    public void The_padding_token_is_the_one_a_file_names()
    {
        Assert.AreEqual(0, TinyTokenizer.Load(TinyTokenizer.Bert()).PadId);
        Assert.AreEqual(10, TinyTokenizer.Load(TinyTokenizer.Bert(), """{"pad_token": {"content": "."}}""").PadId);
        var padded = TinyTokenizer.Bert();
        padded["padding"] = new JsonObject { ["pad_id"] = 7 };
        padded["truncation"] = new JsonObject { ["max_length"] = 3 };
        var tokenizer = TinyTokenizer.Load(padded);
        Assert.AreEqual(7, tokenizer.PadId);
        Assert.AreEqual("2 7 7 7 7 3", tokenizer.Ids("a a a a"));
    }

    [TestMethod]
    public void The_size_counts_added_tokens()
    {
        var tokenizer = TinyTokenizer.Bert();
        Assert.AreEqual(15, TinyTokenizer.Load(tokenizer).VocabularySize);
        tokenizer["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 15, ["content"] = "[NEW]" });
        Assert.AreEqual(16, TinyTokenizer.Load(tokenizer).VocabularySize);
    }

    [TestMethod]
    public void A_blank_may_be_put_before_each_text_between_tokens_or_the_first_alone()
    {
        var tokenizer = TinyTokenizer.Unigram();
        Assert.AreEqual("7 1 7 3", TinyTokenizer.Load(tokenizer).Ids("a<s>bc "));
        tokenizer.At("pre_tokenizer")["prepend_scheme"] = "first";
        Assert.AreEqual("7 1 5 3", TinyTokenizer.Load(tokenizer).Ids("a<s>bc "));
        Assert.AreEqual("1 5 1 7", TinyTokenizer.Load(tokenizer).Ids("<s>bc<s> bc"));
        tokenizer.At("pre_tokenizer")["prepend_scheme"] = "never";
        Assert.AreEqual("5 1 5 3", TinyTokenizer.Load(tokenizer).Ids("a<s>bc "));
    }

    [TestMethod]
    public void Several_threads_get_the_ids_that_one_gets()
    {
        foreach (var kind in new[] { TinyTokenizer.ByteLevelBpe(), TinyTokenizer.Unigram() }) CheckThreads(kind);
    }

    private static void CheckThreads(JsonObject kind)
    {
        var tokenizer = TinyTokenizer.Load(kind);
        var random = new Random(1);
        string[] texts =
            [.. Enumerable.Range(0, 5000).Select(_ => new string([.. Enumerable.Range(0, 20).Select(_ => "ab "[random.Next(3)])]))];
        string[] one = texts.Select(tokenizer.Ids).ToArray();
        CollectionAssert.AreEqual(
            one, texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(TinyTokenizer.Load(kind).Ids).ToArray());
    }

    [TestMethod]
    [DataRow("a")]
    [DataRow("a ")]
    [DataRow("<")]
    [DataRow("[CLS")]
    [DataRow("中")]
    [DataRow("é")]
    [DataRow("\uFFFE")]
    [DataRow("\u0301")]
    public void A_megabyte_is_cut_like_a_sentence(string repeated)
    {
        string text = string.Concat(Enumerable.Repeat(repeated, (1 << 20) / repeated.Length));
        foreach (var tokenizer in TinyTokenizer.OfEachKind())
        {
            // How long it takes is measured by TokenizerSpeedCampaign.
            Assert.IsLessThanOrEqualTo(128, tokenizer.Encode(text, 128, out _).Length);
        }
    }
}
