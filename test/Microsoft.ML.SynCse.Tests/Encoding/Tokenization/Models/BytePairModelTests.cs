using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class BytePairModelTests
{
    [TestMethod]
    public void Random_merges_give_the_ids_that_the_library_gives()
    {
        var random = new Random(5);
        for (int round = 0; round < 20; round++)
        {
            var tokens = new List<string> { "a", "b", "c", "d" };
            var merges = new List<string>();
            while (merges.Count < 40)
            {
                var (left, right) = (tokens[random.Next(tokens.Count)], tokens[random.Next(tokens.Count)]);
                if (tokens.Contains(left + right) || left.Length + right.Length > 12) continue;
                tokens.Add(left + right);
                merges.Add($"{left} {right}");
            }
            string vocabulary =
                JsonSerializer.Serialize(tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id));
            using var vocabularyStream = new MemoryStream(Encoding.UTF8.GetBytes(vocabulary));
            using var mergesStream = new MemoryStream(Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Join('\n', merges)));
            var library = BpeTokenizer.Create(vocabularyStream, mergesStream);
            var ours = Read($$"""{"type": "BPE", "vocab": {{vocabulary}}, "merges": {{JsonSerializer.Serialize(merges)}}}""");
            for (int i = 0; i < 200; i++)
            {
                string word = new string([.. Enumerable.Range(0, 1 + random.Next(60)).Select(_ => "abcd"[random.Next(4)])]);
                CollectionAssert.AreEqual(
                    library.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false).ToArray(), Ids(ours, word),
                    word);
            }
        }
    }

    [TestMethod]
    [DataRow("", "axa", "0 0", DisplayName = "left out without an unknown token")]
    [DataRow("\"unk_token\": \"u\"", "axya", "0 2 2 0", DisplayName = "one by one")]
    [DataRow("\"unk_token\": \"u\", \"fuse_unk\": true", "axyax", "0 2 0 2", DisplayName = "fused")]
    [DataRow("\"unk_token\": \"u\", \"byte_fallback\": true", "aéx", "0 3 4 2", DisplayName = "as bytes where all have a token")]
    public void A_character_without_a_token_is_treated_as_the_file_says(string options, string word, string expected)
    {
        var model = Read(
            $$$"""
                {"type": "BPE", "vocab": {"a": 0, "b": 1, "u": 2, "<0xC3>": 3, "<0xA9>": 4},
                "merges": []{{{(options.Length > 0 ? ", " + options : "")}}}}
                """);
        Assert.AreEqual(expected, string.Join(' ', Ids(model, word)));
    }

    [TestMethod]
    public void Prefixes_suffixes_and_whole_words_are_heeded()
    {
        var suffixed = Read(
            """
                {"type": "BPE", "vocab": {"a": 0, "b</w>": 1, "ab</w>": 2, "a</w>": 3}, "merges": ["a b</w>"],
                "end_of_word_suffix": "</w>"}
                """);
        Assert.AreEqual("2", string.Join(' ', Ids(suffixed, "ab")));
        Assert.AreEqual("0 3", string.Join(' ', Ids(suffixed, "aa")));
        var prefixed = Read(
            """{"type": "BPE", "vocab": {"a": 0, "##b": 1, "ab": 2, "##a": 3}, "merges": ["a ##b"], "continuing_subword_prefix": "##"}""");
        Assert.AreEqual("2 3", string.Join(' ', Ids(prefixed, "aba")));
        var whole = Read("""{"type": "BPE", "vocab": {"a": 0, "b": 1, "aba": 2}, "merges": [], "ignore_merges": true}""");
        Assert.AreEqual("2", string.Join(' ', Ids(whole, "aba")));
        Assert.AreEqual("0 1", string.Join(' ', Ids(whole, "ab")));
    }

    private static BytePairModel Read(string json)
        => BytePairModel.Read(
            TokenizerFileSet.Read(new MemoryFiles { ["tokenizer.json"] = JsonNode.Parse(json)!.ToJsonString() })
            .Json("tokenizer.json")!.Value);

    private static int[] Ids(BytePairModel model, string word)
    {
        var ids = new List<int>();
        model.Encode(word, ids);
        return [.. ids];
    }
}
