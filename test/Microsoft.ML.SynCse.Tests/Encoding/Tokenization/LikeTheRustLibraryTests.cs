namespace Microsoft.ML.SynCse.Tests;

/// <summary>What Hugging Face's Rust library loads, we load; the ids are those that it made (tokenizers 0.22.2), written in here.</summary>
[TestClass]
public sealed class LikeTheRustLibraryTests
{
    private const string Words = """{"[UNK]": 0, "a": 1, "b": 2}""";

    [TestMethod]
    [DataRow(Words, "0 [UNK], 3 x, 4 y", "a x y b z", "1 3 4 2 0", DisplayName = "as listed")]
    [DataRow(Words, "0 [UNK], 9 x, 7 y", "a x y b z", "1 3 4 2 0", DisplayName = "ids behind a gap")]
    [DataRow(Words, "0 x", "a x b z", "1 3 2 0", DisplayName = "an id that the vocabulary has")]
    [DataRow(Words, "3 x, 3 y", "a x y z", "1 3 4 0", DisplayName = "one id for two")]
    [DataRow(Words, "7 a, 3 x", "a x b z", "1 3 2 0", DisplayName = "another id than the vocabulary's")]
    [DataRow(Words, "3 x, 3 x, 4 y", "a x y z", "1 3 4 0", DisplayName = "one token twice")]
    [DataRow(Words, "3 x, 4 x, 5 y", "a x y z", "1 3 4 0", DisplayName = "one token twice with two ids")]
    [DataRow("""{"[UNK]": 0, "a": 1, "b": 5}""", "0 [UNK]", "a b z", "1 5 0", DisplayName = "unused ids")]
    [DataRow("""{"[UNK]": 0, "a": 1, "b": 5}""", "0 [UNK], 6 x, 7 y", "a x y b z", "1 3 4 5 0", DisplayName = "unused ids and more tokens")]
    [DataRow("""{"[UNK]": 0, "a": 1, "b": 5}""", "0 [UNK], 5 b, 6 x", "a x b z", "1 6 5 0", DisplayName = "a token behind the last of a vocabulary with unused ids")]
    [DataRow("""{"[UNK]": 1500, "a": 1}""", "", "a z", "1 1500", DisplayName = "an unused first id")]
    [DataRow("""{"[UNK]": 0, "a": 1, "a": 2, "b": 3}""", "", "a b z", "2 3 0", DisplayName = "a token of the vocabulary twice")]
    public void Added_tokens_get_the_ids_of_the_vocabulary_or_those_behind_it(string vocabulary, string added, string text, string expected)
    {
        var tokens = string.Join(", ", added.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(token => token.Split(' '))
            .Select(token => $$"""{"id": {{token[0]}}, "content": "{{token[1]}}", "normalized": false, "special": true}"""));
        var json = $$$"""{"added_tokens": [{{{tokens}}}], "pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {{{vocabulary}}} }}""";
        Assert.AreEqual(expected, Load(json).Ids(text));
    }

    [TestMethod]
    public void Of_two_equal_pieces_the_later_counts()
    {
        var tokenizer = Load("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["a", -5], ["b", -2], ["ab", -4]]}}""");
        Assert.AreEqual("2|4|3|0", string.Join('|', new[] { "a", "ab", "b", "z" }.Select(tokenizer.Ids)));
    }

    [TestMethod]
    public void A_word_is_a_token_or_unknown()
    {
        var tokenizer = Load("""{"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1}, "unk_token": "<unk>"}}""");
        Assert.AreEqual("1 0 1", tokenizer.Ids("a b a"));
    }

    // A blank before a text that begins where the sentence begins, and not where the first character was dropped or cut off.
    [TestMethod]
    [DataRow("null", Metaspace, "a b", "3 5")]
    [DataRow("null", Metaspace, " a", "3")]
    [DataRow("null", Metaspace, "  a", "1 3")]
    [DataRow(Strip, Metaspace, " a", "2")]
    [DataRow(Strip, Metaspace, "  a b ", "2 5")]
    [DataRow("null", Metaspace, "a<s>b", "3 6 4")]
    [DataRow("null", Metaspace, "<s>a", "6 2")]
    [DataRow("null", Metaspace, " <s> a", "1 6 3")]
    [DataRow(Strip, Metaspace, " <s> a", "6 2")]
    [DataRow("null", Behind, "a b", "3 4")]
    [DataRow("null", Behind, " a b", "2 4")]
    [DataRow("null", Behind, "b a", "5 2")]
    [DataRow("""{"type": "BertNormalizer"}""", Behind, "\u0001a b", "2 4")]
    [DataRow("""{"type": "BertNormalizer"}""", Behind, "A a", "3 2")]
    [DataRow("""{"type": "Prepend", "prepend": "b"}""", Metaspace, "a b", "5 2 5")]
    [DataRow("""{"type": "Prepend", "prepend": "b"}""", Metaspace, "\u0001a b", "5 0 2 5")]
    public void The_first_text_alone_gets_a_blank(string normalizer, string preTokenizer, string text, string expected)
    {
        var json = $$$"""
            {"added_tokens": [{"id": 6, "content": "<s>", "normalized": false, "special": true}], "normalizer": {{{normalizer}}}, "pre_tokenizer": {{{preTokenizer}}},
             "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -3], ["a", -2], ["▁a", -2.5], ["b", -2], ["▁b", -2.5]]}}
            """;
        Assert.AreEqual(expected, Load(json).Ids(text));
    }

    private const string Strip = """{"type": "Strip", "strip_left": true, "strip_right": true}""";
    private const string Metaspace = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}""";
    private const string Behind = $$"""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {{Metaspace}}] }""";

    private static SentenceTokenizer Load(string json) =>
        SentenceTokenizerLoader.Load(new MemoryFiles { ["tokenizer.json"] = json }, new TokenizerHints("bert", PadTokenId: 0));
}
