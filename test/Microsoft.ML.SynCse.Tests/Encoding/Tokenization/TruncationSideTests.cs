using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Which end of a text that is too long is kept.</summary>
[TestClass]
public sealed class TruncationSideTests
{
    private const string Plain = """{"tokenizer_class": "BertTokenizer", "model_max_length": 40}""";
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    // tokenizer_config.json goes before tokenizer.json, as in transformers.
    [TestMethod]
    [DataRow(null, null, "2 4 6 3")]
    [DataRow(null, "", "2 4 6 3")]
    [DataRow(null, "Right", "2 4 6 3")]
    [DataRow(null, "Left", "2 7 10 3")]
    [DataRow("left", null, "2 7 10 3")]
    [DataRow("left", "Right", "2 7 10 3")]
    [DataRow("right", "Left", "2 4 6 3")]
    [DataRow("right", null, "2 4 6 3")]
    public void The_files_say_it(string? config, string? json, string expected)
    {
        var tokenizer = TinyTokenizer.Load(Root(json), config is null ? null : $$"""{"truncation_side": "{{config}}"}""");
        Assert.AreEqual(expected, string.Join(' ', tokenizer.Encode("cat cafe a .", 4, out bool truncated)));
        Assert.IsTrue(truncated);
        Assert.AreEqual("2 4 6 7 10 3", string.Join(' ', tokenizer.Encode("cat cafe a .", 6, out truncated)));
        Assert.IsFalse(truncated);
    }

    [TestMethod]
    [DataRow("Left", null, "truncation_side")]
    [DataRow("both", null, "truncation_side")]
    [DataRow(null, "left", "truncation.direction")]
    [DataRow(null, "Middle", "truncation.direction")]
    public void A_side_that_there_is_not_is_named(string? config, string? json, string field)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => TinyTokenizer.Load(Root(json), config is null ? null : $$"""{"truncation_side": "{{config}}"}"""));
        StringAssert.Contains(error.Message, config is null ? "tokenizer.json" : "tokenizer_config.json");
        StringAssert.Contains(error.Message, field);
    }

    [TestMethod]
    public void A_long_text_keeps_its_end_under_every_model_and_without_special_tokens()
    {
        var bytes = TinyTokenizer.ByteLevelBpe();
        bytes["truncation"] = Truncation("Left");
        Assert.AreEqual("3 2 1",
            string.Join(' ', TinyTokenizer.Load(bytes).Encode(string.Concat(Enumerable.Repeat("ab ", 5000)) + "aab ba", 3, out _)));
        var unigram = TinyTokenizer.Unigram();
        unigram["truncation"] = Truncation("Left");
        var tokenizer = TinyTokenizer.Load(unigram);
        int[] whole = tokenizer.Encode("b c bc cb", 1000, out _);
        CollectionAssert.AreEqual(whole[^3..], tokenizer.Encode("b c bc cb", 3, out _));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void It_survives_a_folder_and_a_model_and_is_in_both_files_readers_look_at(bool inTokenizerJson)
    {
        const string Text = "the cat was not late that day my order is late your dog was good";
        using var encoder = SentenceEncoder.Load(Folder(inTokenizerJson), new SentenceEncoderOptions { MaxSequenceLength = 6 });
        int[] ids = encoder.Tokenize(Text).ToArray();
        using (var right = SentenceEncoder.Load(TinyEncoder.WriteFolder(_temporary), new SentenceEncoderOptions { MaxSequenceLength = 40 }))
            CollectionAssert.AreEqual(right.Tokenize(Text).ToArray()[^5..], ids[1..]);

        string saved = _temporary.New("saved");
        encoder.Save(saved);
        Assert.AreEqual("left",
            (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "tokenizer_config.json")))!["truncation_side"]);
        using var again = SentenceEncoder.Load(saved);
        CollectionAssert.AreEqual(ids, again.Tokenize(Text).ToArray());

        // Rebuilt from the older files alone, as some readers do.
        File.Delete(Path.Combine(saved, "tokenizer.json"));
        using var older = SentenceEncoder.Load(saved);
        CollectionAssert.AreEqual(ids, older.Tokenize(Text).ToArray());

        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable([new SentenceRow { Anchor = Text }]);
        string zip = _temporary.New("model.zip");
        mlContext.Model.SaveAtomically(
            mlContext.Transforms.ApplySentenceEncoder("Embedding", nameof(SentenceRow.Anchor), encoder).Fit(data), data.Schema, zip);
        using var loaded = SentenceEncoder.Load(zip);
        CollectionAssert.AreEqual(ids, loaded.Tokenize(Text).ToArray());
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode([Text]), loaded.Encode([Text])));
    }

    [TestMethod]
    public void A_folder_that_cuts_on_the_right_is_saved_as_before()
    {
        using var encoder = TinyEncoder.Load();
        string saved = _temporary.New("saved");
        encoder.Save(saved);
        Assert.AreEqual(Plain.Replace("{", "{\"do_lower_case\": true, ", StringComparison.Ordinal),
            File.ReadAllText(Path.Combine(saved, "tokenizer_config.json")));
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void The_shared_case_gives_the_ids_of_the_Rust_tokenizers()
    {
        const string Name = "k6-truncation-direction-left";
        using var encoder = SentenceEncoder.Load(SharedCase.Folder(_temporary, Name));
        int[] expected = [2, 335, 196, 936, 457, 999, 281, 43, 282, 1030, 194, 426, 178, 1187, 277, 3];
        CollectionAssert.AreEqual(expected, encoder.Tokenize(SharedCase.Text(Name)).ToArray());
        string saved = _temporary.New("saved");
        encoder.Save(saved);
        using var again = SentenceEncoder.Load(saved);
        CollectionAssert.AreEqual(expected, again.Tokenize(SharedCase.Text(Name)).ToArray());
    }

    private static JsonObject Root(string? direction)
    {
        var root = TinyTokenizer.Bert();
        if (direction is not null) root["truncation"] = direction.Length == 0 ? null : Truncation(direction);
        return root;
    }

    private static JsonObject Truncation(string direction)
        => new() { ["direction"] = direction, ["max_length"] = 512, ["strategy"] = "LongestFirst", ["stride"] = 0 };

    private string Folder(bool inTokenizerJson)
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        if (!inTokenizerJson)
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"),
                """{"do_lower_case": true, "tokenizer_class": "BertTokenizer", "model_max_length": 40, "truncation_side": "left"}""");
            return folder;
        }
        using (var plain = SentenceEncoder.Load(folder)) plain.Save(folder = _temporary.New("with-tokenizer-json"));
        string file = Path.Combine(folder, "tokenizer.json");
        var root = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        root["truncation"] = Truncation("Left");
        File.WriteAllText(file, root.ToJsonString());
        return folder;
    }
}
