using System.Text.Json.Nodes;
using TextEncoding = System.Text.Encoding;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Changes to a JSON file that leave it JSON, or take that from it for sure.</summary>
internal sealed class JsonMutations
{
    private static readonly string[] _numbers =
        ["1e400", "-1", "9223372036854775807", "1e18", "99999999999999999999999999", "0", "2147483647", "0.5", "1000000000"];

    private readonly string[] _required;

    /// <param name="required">Places without which there is no model, such as "model.vocab" or "0.type"; none of them may hold a
    /// list.</param>
    public JsonMutations(params string[] required) => _required = Typed = required;

    /// <summary>Places that may be missing, but hold nothing of another type.</summary>
    public string[] Typed { get; init; }

    /// <summary>One change; the same for the same draws.</summary>
    public Mutation Make(byte[] whole, Random random)
    {
        string text = TextEncoding.UTF8.GetString(whole);
        var root = JsonNode.Parse(text)!;
        return random.Next(12) switch
        {
            5 when _required.Length == 0 => Loose("gone", root, random, Remove),
            0 => Broken("cut", text[..random.Next(text.TrimEnd().Length)]),
            1 => Broken("behind the end", text + "]}\",1"[random.Next(5)]),
            2 => Broken("half a character", ReplaceOne(root, random, "\u0001", "\"\\udc00\"")),
            3 => new("not UTF-8", true,
                [.. TextEncoding.UTF8.GetBytes(ReplaceOne(root, random, "\u0001", "\"?\"")).Select(b => b == '?' ? (byte)0xFE : b)]),
            4 => Broken("depth", ReplaceOne(root, random, "\u0001", Nested(random.Next(100, 5000)))),
            5 => Required(root, random, _required, "required gone", Remove),
            6 => Required(root, random, Typed, "required of another type", node => Replace(node, new JsonArray(new JsonArray()))),
            7 => Loose("gone", root, random, Remove),
            8 => Loose("other type", root, random, node => Replace(node, OtherType(random))),
            9 => new("number", false,
                TextEncoding.UTF8.GetBytes(ReplaceOne(root, random, "\u0001", _numbers[random.Next(_numbers.Length)]))),
            10 => Loose("long text", root, random, node => Replace(node, new string('x', random.Next(1, 20_000)))),
            _ => Loose("twice in a list", root, random, Repeat),
        };
    }

    private static Mutation Broken(string kind, string text) => new(kind, true, TextEncoding.UTF8.GetBytes(text));

    private static Mutation Required(JsonNode root, Random random, string[] places, string kind, Action<JsonNode> change)
    {
        var node = places[random.Next(places.Length)].Split('.')
            .Aggregate(root, (node, part) => node is JsonArray list
            ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)]! : node[part]!);
        change(node);
        return new(kind, true, TextEncoding.UTF8.GetBytes(root.ToJsonString()));
    }

    private static Mutation Loose(string kind, JsonNode root, Random random, Action<JsonNode> change)
    {
        change(Any(root, random));
        return new(kind, false, TextEncoding.UTF8.GetBytes(root.ToJsonString()));
    }

    // A text that is no JSON cannot stand in a node, so a mark does until the whole is text.
    private static string ReplaceOne(JsonNode root, Random random, string mark, string text)
    {
        Replace(Any(root, random), mark);
        return root.ToJsonString().Replace("\"\\u0001\"", text, StringComparison.Ordinal);
    }

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));

    private static JsonNode Any(JsonNode root, Random random)
    {
        var nodes = new List<JsonNode>();
        void Add(JsonNode? node)
        {
            if (node is null) return;
            if (node != root) nodes.Add(node);
            if (node is JsonObject members) foreach (var (_, member) in members) Add(member);
            if (node is JsonArray items) foreach (var item in items) Add(item);
        }

        Add(root);
        return nodes[random.Next(nodes.Count)];
    }

    private static JsonNode OtherType(Random random) => random.Next(5) switch
    {
        0 => new JsonObject(),
        1 => new JsonArray(),
        2 => JsonValue.Create(true),
        3 => JsonValue.Create(random.Next()),
        _ => JsonValue.Create("text"),
    };

    private static void Remove(JsonNode node)
    {
        if (node.Parent is JsonArray list) list.Remove(node);
        else node.Parent!.AsObject().Remove(node.GetPropertyName());
    }

    private static void Replace(JsonNode node, JsonNode other)
    {
        if (node.Parent is JsonArray list) list[node.GetElementIndex()] = other;
        else node.Parent!.AsObject()[node.GetPropertyName()] = other;
    }

    private static void Repeat(JsonNode node)
    {
        if (node.Parent is JsonArray list) list.Add(node.DeepClone());
        else node.Parent!.AsObject()["x" + node.GetPropertyName()] = node.DeepClone();
    }
}
