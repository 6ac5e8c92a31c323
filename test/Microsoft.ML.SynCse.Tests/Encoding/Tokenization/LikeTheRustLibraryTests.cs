using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization;

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
    [DataRow("""{"[UNK]": 0, "a": 1, "b": 5}""", "0 [UNK], 5 b, 6 x", "a x b z", "1 3 5 0",
        DisplayName = "a token behind the last of a vocabulary with unused ids")]
    [DataRow("""{"[UNK]": 0, "a": 1, "b": 5}""", "6 x, 5 b, 7 y", "a x y b z", "1 3 4 5 0", DisplayName = "and one between others")]
    [DataRow("""{"[UNK]": 0, "a": 1, "b": 3}""", "4 x", "a x b", "1 3 3", DisplayName = "an id that the vocabulary has elsewhere")]
    [DataRow("""{"[UNK]": 1500, "a": 1}""", "", "a z", "1 1500", DisplayName = "an unused first id")]
    [DataRow("""{"[UNK]": 0, "a": 1, "a": 2, "b": 3}""", "", "a b z", "2 3 0", DisplayName = "a token of the vocabulary twice")]
    public void Added_tokens_get_the_ids_of_the_vocabulary_or_those_behind_it(string vocabulary, string added, string text, string expected)
        => Assert.AreEqual(expected, Load(OfWords(vocabulary, added)).Ids(text));

    [TestMethod]
    public void Of_two_equal_pieces_the_later_counts()
    {
        var tokenizer = Load(_equalPieces);
        Assert.AreEqual("2|4|3|0", string.Join('|', new[] { "a", "ab", "b", "z" }.Select(tokenizer.Ids)));
    }

    [TestMethod]
    public void A_word_is_a_token_or_unknown()
        => Assert.AreEqual("1 0 1", Load(_wholeWords).Ids("a b a"));

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
    [DataRow(Clean, Behind, "\u0001a b", "2 4")]
    [DataRow(Clean, Behind, "A a", "3 2")]
    [DataRow("""{"type": "Prepend", "prepend": "b"}""", Metaspace, "a b", "5 2 5")]
    [DataRow("""{"type": "Prepend", "prepend": "b"}""", Metaspace, "\u0001a b", "5 0 2 5")]
    public void The_first_text_alone_gets_a_blank(string normalizer, string preTokenizer, string text, string expected)
        => Assert.AreEqual(expected, Load(OfPieces(normalizer, preTokenizer)).Ids(text));

    // What the character map drops before it has kept anything it does not count. (The Rust library does not take this small map; it is
    // asked with XLM-RoBERTa's in RustTokenizerTests.)
    [TestMethod]
    public void Behind_what_the_character_map_drops_a_text_still_begins()
    {
        foreach (var (json, text, expected) in Dropping) Assert.AreEqual(expected, Load(json).Ids(text), $"{json}: {text}");
    }

    // a(?i)b|c is a(?i:b|c) in Ruby's syntax, and the long s an s where case does not count.
    [TestMethod]
    public void Patterns_without_regard_to_case_find_what_Oniguruma_finds()
    {
        foreach (var (json, text, expected) in Caseless) Assert.AreEqual(expected, Load(json).Ids(text), $"{json}: {text}");
    }

    // Decomposing puts marks in order; U+08D4 and U+302E stay where accents go.
    [TestMethod]
    public void Marks_that_stay_are_in_order()
    {
        foreach (var (json, text, expected) in Marks) Assert.AreEqual(expected, Load(json).Ids(text), $"{json}: {text}");
    }

    // So the ids written in here are no memory of an earlier version, and no slip.
    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void The_expected_ids_are_those_that_the_Rust_library_makes()
    {
        RustComparison.Require();
        (string Json, string Text, string Expected)[] all =
        [
            .. Rows(nameof(Added_tokens_get_the_ids_of_the_vocabulary_or_those_behind_it))
                .Select(row => (OfWords(row[0], row[1]), row[2], row[3])),
            .. Rows(nameof(The_first_text_alone_gets_a_blank)).Select(row => (OfPieces(row[0], row[1]), row[2], row[3])),
            .. new[] { ("a", "2"), ("ab", "4"), ("b", "3"), ("z", "0") }.Select(row => (_equalPieces, row.Item1, row.Item2)),
            (_wholeWords, "a b a", "1 0 1"), .. Caseless, .. Marks,
        ];
        Assert.IsGreaterThan(30, all.Length);
        foreach (var (json, text, expected) in all)
        {
            var comparison = new RustComparison(json);
            Assert.AreEqual(expected, string.Join(' ', comparison.Rust(text)), $"{json}: {text}");
            Assert.IsTrue(comparison.Agrees(text), $"{json}: {comparison.Describe(text)}");
        }

        static IEnumerable<string[]> Rows(string test) => typeof(LikeTheRustLibraryTests).GetMethod(test)!
            .GetCustomAttributes<DataRowAttribute>().Select(row => row.Data.Select(value => (string)value!).ToArray());
    }

    private static IEnumerable<(string Json, string Text, string Expected)> Dropping
    {
        get
        {
            // It drops every a.
            string map = TinyCharacterMap.Normalizer(firstValue: 2);
            string alone = OfPieces(map, Metaspace);
            string stripped = OfPieces($$"""{"type": "Sequence", "normalizers": [{{map}}, {{Strip}}] }""", Metaspace);
            return [(alone, "ab", "5"), (alone, "aab", "5"), (alone, "bab", "5 4"), (stripped, "ab", "5"), (stripped, "a b", "4")];
        }
    }

    private static IEnumerable<(string Json, string Text, string Expected)> Caseless =>
    [
        (Removing("(?i)s"), "asbſaSb", "1 2 1 2"), (Removing("[s]"), "aSb", "0"), (Removing("(?i:[r-t])"), "aſb", "1 2"),
        (Removing("(?i:[s-])"), "aſb-a", "1 2 1"), (Removing("(?i:(?-i)s)"), "aſbsa", "0 1"), (Removing("(?i:[^s])"), "aſb", "0"),
        (Removing("x(?i)s|C"), "axcb", "1 2"), (Removing("x(?i)s|C"), "acb", "0"), (Removing("(x(?i)s|C)+a"), "bxſxCab", "2 2"),
    ];

    private static IEnumerable<(string Json, string Text, string Expected)> Marks
    {
        get
        {
            string json = Whole(Accents, """{"type": "WhitespaceSplit"}""", [],
                """{"type": "WordLevel", "vocab": {"<unk>": 0, "a\u302e\u08d4": 1, "a\u08d4\u302e": 2}, "unk_token": "<unk>"}""");
            return [(json, "a\u08D4\u302E", "1"), (json, "a\u302E\u08D4", "1"), (json, "a\u08D4\u0301\u302E", "1")];
        }
    }

    // A word is what lies between the places that the pattern finds.
    private static string Removing(string pattern) => Whole("null",
        $$"""{"type": "Split", "pattern": {"Regex": "{{pattern}}"}, "behavior": "Removed", "invert": false}""", [],
        """{"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1, "b": 2}, "unk_token": "<unk>"}""");

    private static string OfWords(string vocabulary, string added)
    {
        var tokens = new JsonArray([.. from token in added.Split(", ", StringSplitOptions.RemoveEmptyEntries) let parts = token.Split(' ')
            select JsonNode.Parse($$"""{"id": {{parts[0]}}, "content": "{{parts[1]}}", "normalized": false, "special": true}""")]);
        // A vocabulary that has a token twice is no JsonObject.
        const string Rules = "\"unk_token\": \"[UNK]\", \"continuing_subword_prefix\": \"##\", \"max_input_chars_per_word\": 100";
        return Whole("null", """{"type": "WhitespaceSplit"}""", tokens, $$"""{"type": "WordPiece", {{Rules}}, "vocab": {{vocabulary}} }""");
    }

    private static string OfPieces(string normalizer, string preTokenizer) => Whole(normalizer, preTokenizer,
        new JsonArray(JsonNode.Parse("""{"id": 6, "content": "<s>", "normalized": false, "special": true}""")),
        """{"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -3], ["a", -2], ["▁a", -2.5], ["b", -2], ["▁b", -2.5]]}""");

    private static readonly string _equalPieces = Whole("null", "null", [],
        """{"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["a", -5], ["b", -2], ["ab", -4]]}""");

    private static readonly string _wholeWords = Whole("null", """{"type": "WhitespaceSplit"}""", [],
        """{"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1}, "unk_token": "<unk>"}""");

    // All that the Rust library wants to be said.
    private static string Whole(string normalizer, string preTokenizer, JsonArray added, string model)
    {
        foreach (var token in added)
            foreach (string? flag in new[] { "single_word", "lstrip", "rstrip" }) token![flag] = false;
        return $$"""
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": {{added.ToJsonString()}}, "normalizer": {{normalizer}},
             "pre_tokenizer": {{preTokenizer}}, "post_processor": null, "decoder": null, "model": {{model}} }
            """;
    }

    private const string Clean = """
        {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}
        """;

    private const string Accents = """
        {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": true, "lowercase": false}
        """;

    private const string Strip = """{"type": "Strip", "strip_left": true, "strip_right": true}""";
    private const string Metaspace = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}""";
    private const string Behind = $$"""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {{Metaspace}}] }""";

    private static SentenceTokenizer Load(string json)
        => SentenceTokenizer.Load(new MemoryFiles { ["tokenizer.json"] = json }, new TokenizerHints("bert", PadTokenId: 0));
}
