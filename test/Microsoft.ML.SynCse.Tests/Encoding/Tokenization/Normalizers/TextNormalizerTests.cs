using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TextNormalizerTests
{
    [TestMethod]
    [DataRow("""{"type": "BertNormalizer"}""", "Ünï\tcode\u0000\u00AD中x", "uni code 中 x")]
    [DataRow("""{"type": "BertNormalizer", "lowercase": false}""", "Ünï\u3000İ", "Ünï İ")]
    [DataRow("""{"type": "BertNormalizer", "strip_accents": false}""", "Ünï İ", "ünï i\u0307")]
    [DataRow("""{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false}""", "A\t\u00AD中", "a\t\u00AD中")]
    [DataRow("""{"type": "BertNormalizer"}""", "한", "\u1112\u1161\u11AB")]
    [DataRow("""{"type": "Lowercase"}""", "ÀΣ", "àσ")]
    [DataRow("""{"type": "StripAccents"}""", "e\u0301é", "eé")]
    [DataRow("""{"type": "NFD"}""", "é\uFFFEé", "e\u0301\uFFFEe\u0301")]
    [DataRow("""{"type": "NFC"}""", "e\u0301", "é")]
    [DataRow("""{"type": "NFKC"}""", "ﬁ\u00BD", "fi1\u20442")]
    [DataRow("""{"type": "NFKD"}""", "ﬁé", "fie\u0301")]
    [DataRow("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}""", "ÉCOLE",
        "ecole")]
    [DataRow("""{"type": "Replace", "pattern": {"String": "."}, "content": "$0"}""", "a.b", "a$0b")]
    [DataRow("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", "a   b c", "a b c")]
    [DataRow("""{"type": "Prepend", "prepend": "▁"}""", "a", "▁a")]
    [DataRow("""{"type": "Prepend", "prepend": "▁"}""", "", "")]
    [DataRow("""{"type": "Strip", "strip_left": true, "strip_right": false}""", " a ", "a ")]
    [DataRow("""{"type": "Strip"}""", "\n a\u3000", "a")]
    public void Text_is_rewritten_as_the_file_says(string normalizer, string text, string expected)
    {
        var root = TinyTokenizer.Bert();
        root["normalizer"] = JsonNode.Parse(normalizer);
        var files = TokenizerFileSet.Read(new MemoryFiles { ["tokenizer.json"] = root.ToJsonString() });
        Assert.AreEqual(expected, TextNormalizers.Create(files.Json("tokenizer.json")!.Value.Required("normalizer")).Normalize(text));
    }
}
