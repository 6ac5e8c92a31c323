using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// A tokenizer.json whose ids spell what a normalizer and a pre-tokenizer made of a text: a token a byte, and a blank where a piece begins.
/// So nothing is lost
/// as it is where a character is unknown.
/// </summary>
internal static class SpellingTokenizer
{
    public static JsonObject Of(string? normalizer, string? preTokenizer)
    {
        var vocabulary = new JsonObject();
        int next = 256;
        for (int value = 0; value < 256; value++)
            vocabulary[((char)(value is (>= '!' and <= '~') or (>= 0xA1 and not 0xAD) ? value : next++)).ToString()] = value;
        var spelled = new JsonArray(
            JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": false}"""));
        if (preTokenizer is not null) spelled.Insert(0, JsonNode.Parse(preTokenizer));
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = normalizer is null ? null : JsonNode.Parse(normalizer),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = spelled },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }
}
