using System.Text.Json;

namespace Microsoft.ML.SynCse;

/// <summary>Finds the JSON in what a model wrote; models put it into fences, or words before and after it.</summary>
internal static class ReplyJson
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 16 };

    /// <summary>The one text of a reply: what its JSON says, or all of it where it is no JSON (the rules tell debris from sentences); null where it is JSON without a text.</summary>
    public static string? Text(string reply)
    {
        using var document = Parse(reply);
        if (document is null) return reply;
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.String) return String(root);
        if (root.ValueKind != JsonValueKind.Object) return null;
        if (root.TryGetProperty("sentence", out var named)) return String(named);
        // Weak models give the one property another name.
        var texts = root.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToArray();
        return texts is [{ Name: not ("error" or "refusal" or "message" or "reason") } only] ? String(only.Value) : null;
    }

    /// <summary>The texts of several sentences: for each id that occurs, its lists. Later entries of an id do not count.</summary>
    public static Dictionary<int, (IReadOnlyList<string> Positives, IReadOnlyList<string> Negatives)> Several(string reply)
    {
        Dictionary<int, (IReadOnlyList<string>, IReadOnlyList<string>)> results = [];
        using var document = Parse(reply);
        if (document is null) return results;
        foreach (var result in Array(document.RootElement, "results"))
        {
            if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("id", out var id)) continue;
            if (id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number)) results.TryAdd(number, (Strings(result, "positives"), Strings(result, "negatives")));
        }
        return results;
    }

    /// <summary>A list of sentences; empty where there is none.</summary>
    public static IReadOnlyList<string> Sentences(string reply)
    {
        using var document = Parse(reply);
        return document is null ? [] : Strings(document.RootElement, "sentences");
    }

    /// <summary>A judge's score; null where there is none from 0 to 5.</summary>
    public static double? Score(string reply)
    {
        using var document = Parse(reply);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("score", out var score)) return null;
        return score.ValueKind == JsonValueKind.Number && score.TryGetDouble(out double value) && value is >= 0 and <= 5 ? value : null;
    }

    private static JsonDocument? Parse(string reply)
    {
        int first = reply.AsSpan().IndexOfAny('{', '['), last = reply.AsSpan().LastIndexOfAny('}', ']');
        return TryParse(reply) ?? (first >= 0 && last > first ? TryParse(reply[first..(last + 1)]) : null);
    }

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Lenient);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonElement> Array(JsonElement element, string name)
    {
        // Some models leave the object around the list out.
        var list = element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var property) ? property : element;
        return list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];
    }

    private static List<string> Strings(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && !element.TryGetProperty(name, out _) ? [] : [.. Array(element, name).Select(String).OfType<string>()];

    private static string? String(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;                                                        // an escape that stands for half a character
        }
    }
}
