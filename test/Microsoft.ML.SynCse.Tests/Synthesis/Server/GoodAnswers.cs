using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Answers the library's requests as an obedient model would. Safe to use from several threads.</summary>
/// <remarks>What it answers depends on the request's messages and schema alone.</remarks>
internal sealed partial class GoodAnswers
{
    /// <summary>Models write letters as they are, not as escapes.</summary>
    internal static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The share of scratch sentences that repeat one exactly, in this answer or in another request's.</summary>
    public double DuplicateShare { get; init; }

    /// <summary>The share of scratch sentences that differ from an earlier one by their end.</summary>
    public double NearDuplicateShare { get; init; }

    /// <summary>How alike two sentences are, from 0 to 5. By default a random score that does not depend on their order.</summary>
    public Func<string, string, int> Judge { get; init; } = static (first, second)
        => (string.CompareOrdinal(first, second) < 0 ? StableRandom.For(first, second) : StableRandom.For(second, first)).Next(6);

    /// <summary>The answer with its usage, for a script.</summary>
    public ServerBehavior Answer(ScriptedRequest request)
    {
        string text = Node(request).ToJsonString(Json);
        return ServerBehavior.Reply(text, usage: TokenUsage.Of(request, text));
    }

    /// <summary>The answer's JSON.</summary>
    /// <exception cref="InvalidDataException">The user message has none of the library's forms.</exception>
    public JsonObject Node(ScriptedRequest request)
    {
        var user = request.UserJson();
        if (user.TryGetProperty("sentence", out var sentence))
            return new() { ["sentence"] = AnswerSentence.Of(request.SystemText, sentence.GetString()!) };
        if (user.TryGetProperty("sentences", out var sentences)) return Several(request, sentences);
        if (user.TryGetProperty("count", out var count)) return Scratch(request.LastUser, user, count.GetInt32());
        if (user.TryGetProperty("first", out var first) && user.TryGetProperty("second", out var second))
        {
            return new() { ["score"] = Judge(first.GetString()!, second.GetString()!) };
        }
        throw new InvalidDataException($"No known form of a user message: {request.LastUser}");
    }

    private static JsonObject Several(ScriptedRequest request, JsonElement sentences)
    {
        var wanted = WantedArrays(request.Schema);
        var results = new JsonArray();
        foreach (var item in sentences.EnumerateArray())
        {
            var result = new JsonObject { ["id"] = JsonNode.Parse(item.GetProperty("id").GetRawText()) };
            string sentence = item.GetProperty("sentence").GetString()!;
            foreach (var (name, count) in wanted)
            {
                result[name] = Strings(Enumerable.Range(0, count)
                    .Select(i => AnswerSentence.Of($"{request.SystemText} {name} {i}", sentence)));
            }
            results.Add((JsonNode)result);
        }
        return new() { ["results"] = results };
    }

    private JsonObject Scratch(string request, JsonElement user, int count)
    {
        string[] topics = user.TryGetProperty("topics", out var list) ? [.. list.EnumerateArray().Select(t => t.ToString())] : [];
        return new() { ["sentences"] = Strings(ScratchSentences.Of(request, topics, count, DuplicateShare, NearDuplicateShare)) };
    }

    private static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];

    /// <summary>The arrays of strings that the schema has in an item of "results", and how many strings each is to have.</summary>
    private static List<(string Name, int Count)> WantedArrays(JsonElement? schema)
    {
        if (schema is not { } root || !TryFollow(root, out var properties, "properties", "results", "items", "properties"))
        {
            return [("positives", 1), ("negatives", 1)];
        }
        return [.. properties.EnumerateObject().Where(p => p.Name is "positives" or "negatives").Select(p => (p.Name, Count(p.Value)))];
    }

    /// <summary>The client moves minItems into the description if it is told to be strict.</summary>
    private static int Count(JsonElement array)
    {
        if (array.TryGetProperty("minItems", out var items) || array.TryGetProperty("maxItems", out items)) return items.GetInt32();
        string words = array.TryGetProperty("description", out var description) ? description.GetString() ?? "" : "";
        return ItemsInWords().Match(words) is { Success: true } match ? int.Parse(match.Groups[1].Value) : 1;
    }

    private static bool TryFollow(JsonElement from, out JsonElement to, params ReadOnlySpan<string> path)
    {
        to = from;
        foreach (string name in path)
        {
            if (!to.TryGetProperty(name, out to)) return false;
        }
        return true;
    }

    [GeneratedRegex(@"(?:min|max)Items: (\d+)")]
    private static partial Regex ItemsInWords();
}
