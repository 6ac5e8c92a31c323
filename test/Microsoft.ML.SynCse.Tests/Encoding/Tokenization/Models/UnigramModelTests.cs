using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class UnigramModelTests
{
    [TestMethod]
    // The example of Hugging Face's own documentation.
    [DataRow("""
        [["<unk>", 0.0], ["a", 0.0], ["b", 0.0], ["c", 0.0], ["d", 0.0], ["cd", 1.0], ["ab", 2.0], ["abc", 5.0], ["abcd", 10.0]]
        """, "", "abcdacdxx", "8 1 5 0")]
    [DataRow("""[["<unk>", 0.0], ["a", -1.0], ["aa", -2.0]]""", "", "aaa", "1 2", DisplayName = "of equals the one found first")]
    [DataRow("""[["<unk>", 0.0], ["a", -1.0]]""", "", "xaéy😀a", "0 1 0 1", DisplayName = "unknown neighbours are one")]
    [DataRow("""[["<unk>", 0.0], ["a", -1.0], ["xy", -90.0]]""", "", "axya", "1 2 1",
        DisplayName = "two unknown characters that are a token")]
    [DataRow("""[["<unk>", 0.0], ["a", -1.0], ["<0xC3>", -9.0], ["<0xA9>", -9.0]]""", ", \"byte_fallback\": true", "aéaéxé", "1 2 3 1 0",
        DisplayName = "as bytes where all have a token")]
    [DataRow("""[["<unk>", 0.0], ["😀", -1.0], ["😀\u0301", -1.0]]""", "", "😀😀\u0301\u0302", "1 2 0", DisplayName = "surrogate pairs")]
    [DataRow("""[["<unk>", 0.0], ["", 1.0], ["a", -1.0]]""", "", "aa", "2 2", DisplayName = "an empty token is never used")]
    public void A_piece_is_cut_as_Hugging_Face_cuts_it(string vocabulary, string options, string piece, string expected)
        => Assert.AreEqual(expected,
            string.Join(' ', Ids(Read($$"""{"type": "Unigram", "unk_id": 0, "vocab": {{vocabulary}}{{options}}}"""), piece)));

    [TestMethod]
    public void No_other_cutting_scores_higher()
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            var scores = new Dictionary<string, double> { ["<unk>"] = 0 };
            for (int i = 0; i < 12; i++) scores[Text(random, 4)] = -random.Next(1, 1000) / 7.0;
            var model = Read(
                JsonSerializer.Serialize(
                new { type = "Unigram", unk_id = 0, vocab = scores.Select(pair => new object[] { pair.Key, pair.Value }) }));
            string[] tokens = [.. scores.Keys];
            double unknown = scores.Values.Min() - 10;
            for (int i = 0; i < 20; i++)
            {
                string piece = Text(random, 9);
                int[] ids = Ids(model, piece);
                // Where every character is known the ids spell the piece.
                if (!ids.Contains(0)) Assert.AreEqual(piece, string.Concat(ids.Select(id => tokens[id])));
                if (!ids.Contains(0)) Assert.AreEqual(Best(piece, scores, unknown), ids.Sum(id => scores[tokens[id]]), 1e-9, piece);
                else Assert.IsTrue(piece.Any(character => !scores.ContainsKey(character.ToString())), piece);
            }
        }
    }

    private static double Best(string piece, Dictionary<string, double> scores, double unknown) => piece.Length == 0 ? 0
        : Enumerable.Range(1, piece.Length).Where(length => length == 1 || scores.ContainsKey(piece[..length]))
            .Max(length => scores.GetValueOrDefault(piece[..length], unknown) + Best(piece[length..], scores, unknown));

    private static string Text(Random random, int longest)
        => new([.. Enumerable.Range(0, 1 + random.Next(longest)).Select(_ => "abc"[random.Next(3)])]);

    private static UnigramModel Read(string json)
        => UnigramModel.Read(
            TokenizerFileSet.Read(new MemoryFiles { ["tokenizer.json"] = JsonNode.Parse(json)!.ToJsonString() })
            .Json("tokenizer.json")!.Value);

    private static int[] Ids(UnigramModel model, string piece)
    {
        var ids = new List<int>();
        model.Encode(piece, ids);
        return [.. ids];
    }
}
