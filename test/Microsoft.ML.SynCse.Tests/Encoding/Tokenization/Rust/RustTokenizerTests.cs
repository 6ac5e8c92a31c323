using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// Ids are those of Hugging Face's Rust library (tokenizers 0.22.2 in Tokenizers.DotNet 1.4.1), but for what IsKnown says.
/// </summary>
[TestClass]
[TestCategory(SharedFolder.Category)]
public sealed class RustTokenizerTests
{
    private static readonly string[] _kinds =
    [
        "golden/architectures/bert", "golden/architectures/bert-cased", "golden/architectures/distilbert", "golden/architectures/electra",
        "golden/architectures/mpnet", "golden/architectures/roberta", "golden/architectures/xlm-roberta",
        "golden/modern/gemma3", "golden/modern/gte", "golden/modern/modernbert", "golden/modern/nomic_bert", "golden/modern/qwen3",
        "models/all-MiniLM-L6-v2", "models/standin-encoder",
    ];

    // Each is asked about every character; the name is the normalizer or the pre-tokenizer alone.
    private static readonly (string? Normalizer, string? PreTokenizer)[] _components =
    [
        ("""{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}""",
            """{"type": "BertPreTokenizer"}"""),
        ("""{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false, "strip_accents": true, "lowercase": false}""",
            """{"type": "Whitespace"}"""),
        ("""{"type": "Lowercase"}""", """{"type": "Punctuation", "behavior": "Contiguous"}"""),
        ("""{"type": "StripAccents"}""", """{"type": "WhitespaceSplit"}"""),
        ("""{"type": "Nmt"}""", """{"type": "Digits", "individual_digits": true}"""),
        ("""{"type": "NFC"}""", """{"type": "Digits", "individual_digits": false}"""),
        ("""{"type": "NFD"}""", """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"""),
        ("""{"type": "NFKC"}""",
            Split(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")),
        // The patterns of GPT's kin, where the long s is an s.
        (null, Split(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
            + @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")),
        (null, Split(@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")),
        ("""{"type": "NFKD"}""",
            Split(@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]++|\p{N}{1,3}|\w+|[\p{P}\p{S}]+|\s+")),
    ];

    // These are asked about nasty texts alone.
    private static readonly (string? Normalizer, string? PreTokenizer)[] _others =
    [
        .. from behavior in Enum.GetNames<SplitBehavior>()
           from invert in new[] { false, true }
           from pattern in new[] { """{"String": "a"}""", """{"Regex": "[^\\w\\s]|\\d+"}""" }
           select ((string?)null,
               (string?)$$"""
                   {"type": "Split", "pattern": {{pattern}}, "behavior": "{{behavior}}",
                   "invert": {{(invert ? "true" : "false")}} }
                   """),
        .. from behavior in Enum.GetNames<SplitBehavior>() select ((string?)null,
            (string?)$$"""{"type": "Punctuation", "behavior": "{{behavior}}"}"""),
        (null, """{"type": "CharDelimiterSplit", "delimiter": "e"}"""),
        (null, Split(@"^.|\h{2,3}|.$")),
        (null, Split(@"(?i)s")),
        (null, Split(@"(?i:[a-t])+|S|[s-]")),
        (null, Split(@"(?i)[s-]+|k")),
        (null, Split(@"((?i)[^s-]|(?-i:s))+")),
        (null, Split(@"a(?i)b|C")),
        // Not (?i)ss, fi or σ: there Oniguruma finds ß, ﬁ and ς too, and .NET does not.
        (null, Split(@"(?i)s[^s]|f[t-v]|å")),
        (null, Split(@"(x(?i)S|t(?-i)e|n)+|I(?i:n(?-i)G)|(?<=t)(?i)h|E")),
        (null, Split(@"(?-i:s)(?i)[S]|(?i:(?-i)[r-z]s)")),
        (null, Split(@"(?i)x|(?m:a.)|(?<=[a-z])-|\S+(?=\s)")),
        ("""{"type": "ByteLevel"}""", """{"type": "Punctuation", "behavior": "Isolated"}"""),
        ("""
            {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "NFD"}, {"type": "StripAccents"},
            {"type": "Lowercase"}]}
            """, null),
    ];

    public static IEnumerable<object[]> Kinds => _kinds.Concat(MadeTokenizers.Names).Select(kind => new object[] { kind });

    public static IEnumerable<object[]> Components => Enumerable.Range(0, _components.Length).Select(index => new object[] { index });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Every_character_gets_the_ids_of_the_Rust_library(string kind)
        => CheckCharacters(Load(kind), value => $"a{value}b {value} ");

    [TestMethod]
    [DynamicData(nameof(Components))]
    public void Every_character_is_normalized_and_cut_as_by_the_Rust_library(int component)
    {
        var (normalizer, preTokenizer) = _components[component];
        CheckCharacters(Load(SpellingTokenizer.Of(normalizer, preTokenizer)), value => $"a{value}B {value}\u0301\u0323 '{value}\u03271 ");
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Sentences_get_the_ids_of_the_Rust_library(string kind) => CheckTexts(Load(kind), Sentences());

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Nasty_texts_get_the_ids_of_the_Rust_library(string kind)
        => CheckTexts(Load(kind), NastyTexts.Make(10_000, seed: 14).Where(text => !IsKnown(kind, text)));

    // The one known difference: where white space ends pieces before Metaspace's "first" puts its blank, and the sentence's first character
    // becomes a blank and more (U+00A8), the piece behind that blank still begins the sentence there, and not here.
    private static bool IsKnown(string kind, string text)
        => kind == "made/metaspace-first-of-words" && text[0] is not ' ' and (< '\uD800' or > '\uDFFF') and < '\uFFFE'
        && text[..1].Normalize(NormalizationForm.FormKC) is [' ', _, ..];

    [TestMethod]
    [DynamicData(nameof(Components))]
    public void Nasty_texts_are_normalized_and_cut_as_by_the_Rust_library(int component)
    {
        var (normalizer, preTokenizer) = _components[component];
        CheckTexts(Load(SpellingTokenizer.Of(normalizer, preTokenizer)), NastyTexts.Make(10_000, seed: 15));
    }

    [TestMethod]
    public void Other_parts_do_with_nasty_texts_what_the_Rust_library_does()
    {
        string[] texts = [.. NastyTexts.Make(1500, seed: 16)];
        var different = new List<string>();
        foreach (var (normalizer, preTokenizer) in _others)
        {
            var comparison = Load(SpellingTokenizer.Of(normalizer, preTokenizer));
            different.AddRange(
                texts.Where(text => !comparison.Agrees(text)).Take(3)
                .Select(text => $"{normalizer} {preTokenizer}: {comparison.Describe(text)}"));
        }
        Assert.IsEmpty(different, string.Join('\n', different));
    }

    private static string Split(string pattern) => new JsonObject
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = pattern },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    }.ToJsonString();

    private static RustComparison Load(string kind)
    {
        if (MadeTokenizers.Of(kind) is { } made) return Load(made);
        string path = SharedFolder.Path($"{kind}/tokenizer.json");
        return Load(JsonNode.Parse(File.ReadAllBytes(path))!.AsObject());
    }

    private static RustComparison Load(JsonObject json)
    {
        RustComparison.Require();
        SharedFolder.Path("golden");
        return new RustComparison(json);
    }

    private static void CheckCharacters(RustComparison comparison, Func<string, string> inContext)
    {
        const int Together = 96;
        int[] planes = [0, 1, 2, 3, 14, 15, 16];
        var characters =
            from plane in planes
            from value in Enumerable.Range(plane << 16, 1 << 16)
            where Rune.IsValid(value)
            select inContext(
            char.ConvertFromUtf32(value));
        Check(comparison, [.. characters.Chunk(Together).AsParallel().AsOrdered().SelectMany(comparison.Differences)]);
    }

    private static void CheckTexts(RustComparison comparison, IEnumerable<string> texts)
        => Check(comparison, [.. texts.AsParallel().AsOrdered().Where(text => !comparison.Agrees(text))]);

    private static void Check(RustComparison comparison, IReadOnlyList<string> differences) =>
        Assert.IsEmpty(differences, $"{differences.Count} differ:\n{string.Join('\n', differences.Take(30).Select(comparison.Describe))}");

    // 20,000 of seven files, as they stand there, lines with tabs and quotes among them.
    private static IEnumerable<string> Sentences()
    {
        string[] files =
        [
            "data/unlabeled/ewt-en.txt", "data/unlabeled/gsd-de.txt", "data/unlabeled/wiki-12k.txt", "data/parallel/captions-en-de.tsv",
                "data/parallel/tatoeba-en-de.tsv",
            "data/sts/stsb-de-test.tsv", "data/triplets/nli-triplets.csv",
        ];
        return files.SelectMany(file => File.ReadLines(SharedFolder.Path(file)).Where(line => line.Length > 0).Take(4000)).Take(20_000);
    }
}
