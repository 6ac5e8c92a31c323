using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

// The tokenizer.json files that the tests make.
public sealed partial class EncoderTokenizerTests
{
    private static JsonObject Letters(bool prefixSpace)
    {
        var root = TinyTokenizer.ByteLevelBpe();
        root["pre_tokenizer"]!["add_prefix_space"] = prefixSpace;
        var vocabulary = root.At("model.vocab");
        for (int value = 0; value < 256; value++)
        {
            string character = ((char)(value is (>= '!' and <= '~') or (>= 0xA1 and not 0xAD) ? value : Later(value))).ToString();
            if (!vocabulary.ContainsKey(character)) vocabulary[character] = vocabulary.Count;
        }
        return root;

        static int Later(int value)
            => 256 + Enumerable.Range(0, value).Count(other => other is not ((>= '!' and <= '~') or (>= 0xA1 and not 0xAD)));
    }

    private static string[] Bytes() => [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];

    private static JsonObject UnigramInBytes()
    {
        var root = TinyTokenizer.Unigram();
        root.Remove("normalizer");
        root["model"]!["byte_fallback"] = true;
        foreach (string token in Bytes()) root["model"]!["vocab"]!.AsArray().Add((JsonNode)new JsonArray(token, -9.0));
        return root;
    }

    private static JsonObject BytePairs(string settings, string[]? more = null, bool whitespace = false)
    {
        var root = TinyTokenizer.ByteLevelBpe();
        if (whitespace) root["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" };
        else root.Remove("pre_tokenizer");
        var vocabulary = root.At("model.vocab");
        vocabulary["<unk>"] = vocabulary.Count;
        foreach (string token in more ?? []) vocabulary[token] = vocabulary.Count;
        foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject()) root["model"]![name] = value!.DeepClone();
        return root;
    }

    private static JsonObject WordLevel() => JsonNode.Parse("""
        {
          "pre_tokenizer": {"type": "Whitespace"},
          "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<pad>": 0, "<unk>": 1, "one": 2, "two": 3, "a": 4}}
        }
        """)!.AsObject();

    private static JsonObject Normalized(string normalizer, string? preTokenizer = null)
    {
        var root = BytePairs("""{"unk_token": "<unk>"}""", ["▁", "s", "c", "t", "."]);
        root["normalizer"] = JsonNode.Parse(normalizer);
        if (preTokenizer is not null) root["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        return root;
    }

    private static JsonObject WithMask()
    {
        var root = TinyTokenizer.Bert();
        root["added_tokens"]!.AsArray().Add(JsonNode.Parse(
            """{"id": 90, "content": "[MASK]", "special": true, "normalized": false, "lstrip": true, "rstrip": true}"""));
        return root;
    }

    private static JsonObject WithNormalizedToken()
    {
        var root = TinyTokenizer.Bert();
        root["added_tokens"]!.AsArray().Add(JsonNode.Parse(
            """{"id": 90, "content": "The", "special": false, "normalized": true, "single_word": true}"""));
        return root;
    }
}
