using System.Text.Json;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>
/// Finds what was asked for in what a model wrote: after its reasoning, the last JSON value that has the form asked for; of one text,
/// else the plain sentence.
/// </summary>
internal static class ReplyJson
{
    /// <summary>
    /// The one text of a reply: what its JSON says, or all of the reply if it is no JSON (the rules find debris); null if it is JSON
    /// without a text.
    /// </summary>
    public static string? Text(string reply)
    {
        if (Last(reply, (json, alone) => Sentence(json) ?? (alone ? Renamed(json) : null)) is { } text) return text;
        string answer = ReplyAnswer.WithoutFence(ReplyAnswer.Of(reply));
        using var document = JsonValues.Whole(answer);
        if (document is null) return answer;
        return document.RootElement.ValueKind == JsonValueKind.String ? String(document.RootElement) : null;
    }

    /// <summary>The texts of several sentences: for each id that occurs, its lists. Later entries of an id do not count.</summary>
    public static Dictionary<int, (IReadOnlyList<string> Positives, IReadOnlyList<string> Negatives)> Several(string reply)
        => Last(reply, Results) ?? [];

    /// <summary>A list of sentences; empty if there is none.</summary>
    public static IReadOnlyList<string> Sentences(string reply)
        => Last(reply, (json, alone) => List(json, "sentences", alone) is { Count: > 0 } list ? list : null) ?? [];

    /// <summary>A judge's score; null if there is none from 0 to 5.</summary>
    public static double? Score(string reply) => Last<object>(reply, (json, _) => Score(json)) as double?;

    /// <summary>What is made of the last value that has the wanted form; null if none has.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="read">Reads a value; null if it has another form. Its second argument says whether the value stands alone, not in the
    /// middle of a sentence.</param>
    private static T? Last<T>(string reply, Func<JsonElement, bool, T?> read) where T : class
    {
        // A reply that is JSON as a whole may speak of the marks of reasoning in its texts.
        if (One(reply, read) is { } whole) return whole;
        string answer = ReplyAnswer.Of(reply);
        if (answer.Length != reply.Length && One(answer, read) is { } rest) return rest;
        T? last = null;
        bool lastIsAlone = false;
        foreach (var (document, ownLines) in JsonValues.In(answer))
        {
            using (document)
            {
                // A bare list or a renamed text beside the named one does not replace it.
                if (Within(document.RootElement, read, alone: false) is { } named) (last, lastIsAlone) = (named, false);
                else if (ownLines && (last is null || lastIsAlone) && read(document.RootElement, true) is { } alone)
                    (last, lastIsAlone) = (alone, true);
            }
        }
        return last;
    }

    private static T? One<T>(string text, Func<JsonElement, bool, T?> read) where T : class
    {
        using var document = JsonValues.Whole(text);
        if (document is null) return null;
        return Within(document.RootElement, read, alone: false) ?? read(document.RootElement, true);
    }

    /// <summary>
    /// What is made of a value, or else of the last value in it that has the wanted form: some models put the answer into a further
    /// object or list.
    /// </summary>
    private static T? Within<T>(JsonElement json, Func<JsonElement, bool, T?> read, bool alone) where T : class
    {
        if (read(json, alone) is { } found) return found;
        T? last = null;
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in json.EnumerateObject()) last = Within(property.Value, read, alone) ?? last;
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in json.EnumerateArray()) last = Within(element, read, alone) ?? last;
        }
        return last;
    }

    // The example of the form, which models repeat ("as {"sentence":"..."}"), is no answer.
    private static string? Sentence(JsonElement json)
        => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("sentence", out var named) && String(named) is { } text
        && !IsPlaceholder(text) ? text : null;

    // Weak models give the one property another name.
    private static string? Renamed(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || json.TryGetProperty("sentence", out _)) return null;
        var texts = json.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToArray();
        return texts is [{ Name: not ("error" or "refusal" or "message" or "reason") } only] ? String(only.Value) : null;
    }

    private static Dictionary<int, (IReadOnlyList<string>, IReadOnlyList<string>)>? Results(JsonElement json, bool alone)
    {
        // Some models leave the object around the list out.
        var list = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("results", out var named) ? named : json;
        if (list.ValueKind != JsonValueKind.Array) return null;
        Dictionary<int, (IReadOnlyList<string>, IReadOnlyList<string>)> results = [];
        foreach (var result in list.EnumerateArray())
        {
            if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("id", out var id)) continue;
            if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out int number)) continue;
            results.TryAdd(number, (List(result, "positives", false) ?? [], List(result, "negatives", false) ?? []));
        }
        return results.Count > 0 ? results : null;
    }

    /// <summary>The texts of a list with a name, or of a list without one that stands alone; null if there is no such list.</summary>
    private static List<string>? List(JsonElement json, string name, bool alone)
    {
        var list = json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var named) ? named : alone ? json : default;
        if (list.ValueKind != JsonValueKind.Array) return null;
        return [.. list.EnumerateArray().Select(String).OfType<string>().Where(text => !IsPlaceholder(text))];
    }

    private static bool IsPlaceholder(string text) => text is "..." or "…";

    private static object? Score(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("score", out var score)) return null;
        return score.ValueKind == JsonValueKind.Number && score.TryGetDouble(out double value) && value is >= 0 and <= 5 ? value : null;
    }

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
