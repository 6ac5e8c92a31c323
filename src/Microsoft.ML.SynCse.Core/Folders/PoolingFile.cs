using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>A Pooling module's config.json.</summary>
internal static class PoolingFile
{
    private const string Prefix = "pooling_mode_", MeanFlag = "mean_tokens", ModeField = "pooling_mode", PromptField = "include_prompt";

    // sentence-transformers' flags and their names; the last three this encoder does not have.
    private static readonly (string Flag, string Name)[] _flags =
    [
        ("cls_token", "cls"), (MeanFlag, "mean"), ("max_tokens", "max"),
        ("mean_sqrt_len_tokens", "mean_sqrt_len_tokens"), ("weightedmean_tokens", "weightedmean"), ("lasttoken", "lasttoken"),
    ];

    private static readonly string[] _portable = ["cls", "mean", "max"];

    // SimCSE's, which sentence-transformers does not have: written by name alone.
    private static readonly string[] _ownNames = ["avg_first_last", "avg_top2"];

    /// <summary>The pooling's name (cls, mean, max, avg_first_last or avg_top2), and whether a prompt's tokens are pooled.</summary>
    /// <exception cref="InvalidDataException">No file, or a pooling that this encoder does not have; names it.</exception>
    public static (string Name, bool IncludePrompt) Read(IModelFileSource files, string folder)
    {
        var name = $"{folder}/config.json";
        var json = files.ReadJsonObject(name)
            ?? throw new InvalidDataException($"'{files.Location}' has no {name}, which modules.json points to.");
        var where = files.Describe(name);
        FeatureNames.Check(ModelConfiguration.Read(files, folder), "Pooling", FeatureNames.Tokens, FeatureNames.Sentence);
        var chosen = Chosen(json, where);
        if (chosen.Count != 1)
            throw new InvalidDataException(
                $"{where} asks for {(chosen.Count == 0 ? "no pooling" : $"the poolings {string.Join(" + ", chosen)} at once")}; this "
                + $"encoder has exactly one of cls, mean and max.");
        if (!_portable.Contains(chosen[0]) && !_ownNames.Contains(chosen[0]))
            throw new InvalidDataException(
                $"{where} asks for the pooling {chosen[0]}, which this encoder does not have; cls, mean and max it has.");
        return (chosen[0], Flag(json, PromptField, where) ?? true);
    }

    /// <summary>Writes the pooling in the flags that every sentence-transformers reads.</summary>
    public static void Write(IModelFileSink sink, string folder, string pooling, bool includePrompt, int dimension)
    {
        var json = new JsonObject { ["word_embedding_dimension"] = dimension };
        // early versions refuse what they do not know
        foreach (var (flag, name) in _flags.Take(4)) json[Prefix + flag] = name == pooling;
        if (!includePrompt) json[PromptField] = false;
        if (!IsPortable(pooling)) json[ModeField] = pooling;
        sink.WriteJson($"{folder}/config.json", json);
    }

    /// <summary>Whether sentence-transformers has this pooling.</summary>
    public static bool IsPortable(string pooling) => _portable.Contains(pooling);

    // The one field of later versions wins over the flags of earlier ones, of which the mean's alone is on where the file does not name it.
    private static List<string> Chosen(JsonObject json, string where)
    {
        switch (json[ModeField])
        {
            case JsonArray list: return [.. list.Select(mode => mode?.ToString() ?? "null")];
            case JsonValue mode: return [mode.ToString()];
        }
        var on = json.Where(p => p.Key.StartsWith(Prefix, StringComparison.Ordinal) && Flag(json, p.Key, where) == true)
            .Select(p => p.Key[Prefix.Length..]).ToList();
        if (!json.ContainsKey(Prefix + MeanFlag)) on.Add(MeanFlag);
        return [.. on.Select(flag => _flags.FirstOrDefault(f => f.Flag == flag).Name ?? flag)];
    }

    private static bool? Flag(JsonObject json, string field, string where) => json[field] is not { } node ? null
        : node is JsonValue value && value.TryGetValue(out bool flag) ? flag
        : throw new InvalidDataException($"{where}: {field} must be true or false.");
}
