using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Kinds of tokenizer.json that the folder of goldens lacks, made from those that it has and from its texts.</summary>
internal static class MadeTokenizers
{
    private static readonly Dictionary<string, Func<JsonObject>> _all = new()
    {
        ["made/camembert"] = Camembert,
        ["made/word-level"] = WordLevel,
        ["made/metaspace-first"] = () => Metaspace("first", splits: false),
        ["made/metaspace-first-of-words"] = () => Metaspace("first", splits: true),
        ["made/metaspace-never"] = () => Metaspace("never", splits: false),
        ["made/metaspace-always-of-words"] = () => Metaspace("always", splits: true),
    };

    public static IEnumerable<string> Names => _all.Keys;

    public static JsonObject? Of(string name) => _all.TryGetValue(name, out var make) ? make() : null;

    // CamemBERT's first tokens, its frame and its mask, around XLM-RoBERTa's pieces.
    private static JsonObject Camembert()
    {
        var root = Metaspace("always", splits: true);
        var pieces = root["model"]!["vocab"]!.AsArray();
        (string Text, double Score)[] first =
            [("<s>NOTUSED", 0), ("<pad>", 0), ("</s>NOTUSED", 0), ("<unk>", 0), ("<unk>NOTUSED", -100), ("<s>", 0), ("</s>", 0)];
        var own = new HashSet<string>(first.Select(piece => piece.Text)) { "<mask>" };
        JsonArray vocabulary = [.. first.Select(piece => (JsonNode)new JsonArray(piece.Text, piece.Score))];
        foreach (var piece in pieces.Where(piece => !own.Contains((string)piece![0]!))) vocabulary.Add(piece!.DeepClone());
        vocabulary.Add((JsonNode)new JsonArray("<mask>", 0.0));
        root["model"]!["vocab"] = vocabulary;
        root["added_tokens"] = new JsonArray(
        [
            .. first.Select((piece, id) => Token(id, piece.Text, stripsLeft: false)),
            Token(vocabulary.Count - 1, "<mask>", stripsLeft: true),
        ]);
        root["post_processor"] = JsonNode.Parse("""
            {"type": "RobertaProcessing", "sep": ["</s>", 6], "cls": ["<s>", 5], "trim_offsets": true, "add_prefix_space": true}
            """);
        return root;
    }

    // Every second word of a text's, so that many are unknown.
    private static JsonObject WordLevel()
    {
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        var words = File.ReadLines(SharedFolder.Path("data/unlabeled/ewt-en.txt")).Take(4000)
            .SelectMany(line => line.ToLowerInvariant().Split(' '))
            .Where(word => word.Length > 0 && word.All(char.IsLetter)).Distinct().Where((_, i) => i % 2 == 0);
        var vocabulary = new JsonObject();
        foreach (string? token in special.Concat([".", ",", "'"]).Concat(words)) vocabulary[token] = vocabulary.Count;
        return new()
        {
            ["added_tokens"] = new JsonArray([.. special.Select((token, id) => Token(id, token, stripsLeft: false))]),
            ["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}"""),
            ["pre_tokenizer"] = JsonNode.Parse("""{"type": "Whitespace"}"""),
            ["post_processor"] = JsonNode.Parse("""{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}"""),
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = "[UNK]" },
        };
    }

    private static JsonObject Metaspace(string scheme, bool splits)
    {
        var root = JsonNode.Parse(File.ReadAllBytes(SharedFolder.Path("golden/architectures/xlm-roberta/tokenizer.json")))!.AsObject();
        var metaspace = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = true };
        var both = () => new JsonArray(new JsonObject { ["type"] = "WhitespaceSplit" }, metaspace);
        root["pre_tokenizer"] = splits ? new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = both() } : metaspace;
        return root;
    }

    private static JsonObject Token(int id, string content, bool stripsLeft) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = stripsLeft,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };
}
