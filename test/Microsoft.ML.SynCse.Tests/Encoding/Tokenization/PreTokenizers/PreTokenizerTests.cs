using System.Text.RegularExpressions;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PreTokenizerTests
{
    [TestMethod]
    [DataRow("""{"type": "BertPreTokenizer"}""", " Hey, you--€5+😀\u3000x ", "Hey|,|you|-|-|€5|+|😀|x")]
    [DataRow("""{"type": "WhitespaceSplit"}""", "\ta, b\u00A0 c", "a,|b|c")]
    [DataRow("""{"type": "Whitespace"}""", "a_1é!? 😀x", "a_1é|!?|😀|x")]
    [DataRow("""{"type": "Punctuation"}""", "the-final--countdown", "the|-|final|-|-|countdown")]
    [DataRow("""{"type": "Punctuation", "behavior": "Removed"}""", "the-final--countdown", "the|final|countdown")]
    [DataRow("""{"type": "Punctuation", "behavior": "MergedWithPrevious"}""", "the-final--countdown", "the-|final-|-|countdown")]
    [DataRow("""{"type": "Punctuation", "behavior": "MergedWithNext"}""", "the-final--countdown", "the|-final|-|-countdown")]
    [DataRow("""{"type": "Punctuation", "behavior": "Contiguous"}""", "the-final--countdown", "the|-|final|--|countdown")]
    [DataRow("""{"type": "ByteLevel", "add_prefix_space": false}""", "Hello  my friend's é\n", "Hello|Ġ|Ġmy|Ġfriend|'s|ĠÃ©|Ċ")]
    [DataRow("""{"type": "ByteLevel", "add_prefix_space": true}""", "a b", "Ġa|Ġb")]
    [DataRow("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}""", "a b", "aĠb")]
    [DataRow("""{"type": "ByteLevel", "add_prefix_space": false}""", " 𝔘x", "ĠðĿĶĺx")]
    [DataRow("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""", "Hey  you▁x ", "▁Hey|▁|▁you|▁x|▁")]
    [DataRow("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}""", " Hey", "▁Hey")]
    [DataRow("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"}""", "Hey you", "Hey|▁you")]
    [DataRow("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": false}""", "Hey you", "▁Hey▁you")]
    [DataRow("""{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "str_rep": "▁"}""", "Hey you", "▁Hey|▁you")]
    [DataRow("""{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false}""", "Hey you", "Hey|▁you")]
    [DataRow("""
        {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁",
        "add_prefix_space": true}]}
        """, " Hey \u3000you", "▁Hey|▁you")]
    [DataRow("""
        {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Punctuation"}, {"type": "ByteLevel",
        "add_prefix_space": true}]}
        """, "a.b c", "Ġa|Ġ.|Ġb|Ġc")]
    [DataRow("""{"type": "Digits", "individual_digits": false}""", "a12b3 ½٣x", "a|12|b|3| |½٣|x")]
    [DataRow("""{"type": "Digits", "individual_digits": true}""", "a12b3 ½٣x", "a|1|2|b|3| |½|٣|x")]
    [DataRow("""{"type": "CharDelimiterSplit", "delimiter": "-"}""", "a--b-c", "a|b|c")]
    [DataRow("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed", "invert": false}""", "the-final--countdown",
        "the|final|countdown")]
    [DataRow("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated", "invert": false}""", "the-final--countdown",
        "the|-|final|-|-|countdown")]
    [DataRow("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "MergedWithPrevious", "invert": false}""",
        "the-final--countdown", "the-|final-|-|countdown")]
    [DataRow("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "MergedWithNext", "invert": false}""", "the-final--countdown",
        "the|-final|-|-countdown")]
    [DataRow("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Contiguous", "invert": false}""", "the-final--countdown",
        "the|-|final|--|countdown")]
    [DataRow("""{"type": "Split", "pattern": {"Regex": "\\d+|\\w+"}, "behavior": "Removed", "invert": true}""", "ab 12, c", "ab|12|c")]
    [DataRow("""{"type": "Split", "pattern": {"Regex": "\\p{L}++|\\p{N}"}, "behavior": "Isolated", "invert": false}""", "𝔘n12 x😀",
        "𝔘n|1|2| |x|😀")]
    [DataRow("""{"type": "Split", "pattern": {"Regex": "^a|b$"}, "behavior": "Isolated", "invert": false}""", "aab\nabb", "a|a|b|\n|a|b|b")]
    public void Text_is_cut_as_the_file_says(string preTokenizer, string text, string expected)
        => Assert.AreEqual(expected, string.Join('|', Pieces(preTokenizer, text)));

    [TestMethod]
    public void Byte_level_cutting_is_GPT2s_regular_expression()
    {
        const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        const string Alphabet = "  \n\t\u3000ab1'stredml.,é²中\u0301€";
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            string text = new string([.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var cut = Regex.Matches(text, Pattern)
                .SelectMany(match => Pieces("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}""", match.Value));
            CollectionAssert.AreEqual(cut.ToArray(), Pieces("""{"type": "ByteLevel", "add_prefix_space": false}""", text), text);
        }
    }

    private static string[] Pieces(string preTokenizer, string text)
    {
        var files = TokenizerFileSet.Read(new MemoryFiles { ["tokenizer.json"] = preTokenizer });
        var pieces = new PieceList();
        PreTokenizerReader.Create(files.Json("tokenizer.json")!.Value).Split(text, atStart: true, pieces);
        return [.. pieces.All];
    }

    private sealed class PieceList : IPieceSink
    {
        public List<string> All { get; } = [];

        public bool Add(ReadOnlySpan<char> piece, bool atStart)
        {
            All.Add(piece.ToString());
            return true;
        }
    }
}
