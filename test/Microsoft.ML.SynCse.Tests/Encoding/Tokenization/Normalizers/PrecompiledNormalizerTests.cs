using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PrecompiledNormalizerTests
{
    [TestMethod]
    [DataRow("xay", "xbcy")]
    // Three bytes seen as one character: the shortest beginning in the map stands for all of it, as in Hugging Face's tokenizers.
    [DataRow("a\u0301y", "bcy", DisplayName = "taken whole")]
    // Seven bytes: each code point by itself.
    [DataRow("a\u0301\u0302\u0303y", "bc\u0301\u0302\u0303y", DisplayName = "taken apart")]
    [DataRow("\0a\0", "\0bc\0")]
    [DataRow("", "")]
    [DataRow("😀é", "😀é")]
    public void Characters_are_replaced_as_the_map_says(string text, string expected)
        => Assert.AreEqual(expected, Read(TinyCharacterMap.Normalizer()).Normalize(text));

    [TestMethod]
    public void A_damaged_map_is_refused()
    {
        foreach (string? damaged in new[] { TinyCharacterMap.Normalizer(firstValue: 5), TinyCharacterMap.Normalizer(replacements: "bc\0d"),
            TinyCharacterMap.Normalizer(replacements: "\xFF\0d\0\0"),
            TinyCharacterMap.Normalizer(replacements: new string('b', 68) + "\0") })
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => Read(damaged)).Message, "precompiled_charsmap is damaged");
        byte[] bytes = TinyCharacterMap.Bytes();
        for (int length = 0; length < bytes.Length; length += 97)
        {
            string cut = $$"""{"type": "Precompiled", "precompiled_charsmap": "{{Convert.ToBase64String(bytes.AsSpan(0, length))}}"}""";
            Assert.ThrowsExactly<InvalidDataException>(() => Read(cut), $"{length} bytes");
        }
    }

    [TestMethod]
    public void Whatever_bytes_a_map_has_it_is_refused_or_works()
    {
        var random = new Random(11);
        string text = string.Concat(Enumerable.Range(0, 3000).Select(value => char.ConvertFromUtf32(value)));
        int accepted = 0;
        for (int round = 0; round < 300; round++)
        {
            byte[] bytes = TinyCharacterMap.Bytes();
            for (int change = 0; change < 40; change++) bytes[4 + random.Next(bytes.Length - 4)] = (byte)random.Next(256);
            ITextNormalizer normalizer;
            try
            {
                normalizer = Read($$"""{"type": "Precompiled", "precompiled_charsmap": "{{Convert.ToBase64String(bytes)}}"}""");
            }
            catch (InvalidDataException)
            {
                continue;
            }
            normalizer.Normalize(text);
            accepted++;
        }
        Assert.AreNotEqual(0, accepted);
    }

    // Results of Hugging Face's tokenizers on XLM-R's map, from reports of where it differs from SentencePiece (tokenizers #2334 and
    // #2116).
    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    [DataRow("Tiếng Việt rất đẹp", "Tiêng Viẹt rât đẹp")]
    [DataRow("각", "\u1100\u1161\u11A8")]
    public void Decomposed_text_is_read_as_Hugging_Face_reads_it(string composed, string expected)
    {
        using var json =
            System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("golden/architectures/xlm-roberta/tokenizer.json")));
        var normalizer = Read(json.RootElement.GetProperty("normalizer").GetProperty("normalizers")[0].GetRawText());
        Assert.AreEqual(expected.Normalize(), normalizer.Normalize(composed.Normalize(NormalizationForm.FormD)).Normalize());
        Assert.AreEqual(composed.Normalize(), normalizer.Normalize(composed.Normalize(NormalizationForm.FormC)));
    }

    private static ITextNormalizer Read(string json)
        => TextNormalizers.Create(
            TokenizerFileSet.Read(new MemoryFiles { ["tokenizer.json"] = JsonNode.Parse(json)!.ToJsonString() })
            .Json("tokenizer.json")!.Value);
}
