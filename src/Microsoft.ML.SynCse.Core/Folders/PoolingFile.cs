using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The config.json of a Pooling module, and the one table of the names of poolings.</summary>
internal static class PoolingFile
{
    private const string Prefix = "pooling_mode_", MeanFlag = "mean_tokens", ModeField = "pooling_mode", PromptField = "include_prompt";

    // Every pooling with its name, and its flag in sentence-transformers. SimCSE's two averages have no flag: they are written by name
    // alone.
    private static readonly (Pooling Pooling, string Name, string? Flag)[] _poolings =
    [
        (Pooling.Cls, "cls", "cls_token"), (Pooling.Mean, "mean", MeanFlag), (Pooling.Max, "max", "max_tokens"),
        (Pooling.AverageFirstLast, "avg_first_last", null), (Pooling.AverageTopTwo, "avg_top2", null),
    ];

    // The flags of sentence-transformers for poolings that are not supported here, with their names. Every version knows the first.
    private static readonly (string Flag, string Name)[] _foreignFlags =
        [("mean_sqrt_len_tokens", "mean_sqrt_len_tokens"), ("weightedmean_tokens", "weightedmean"), ("lasttoken", "lasttoken")];

    /// <summary>The name of a pooling in files: cls, mean, max, avg_first_last or avg_top2.</summary>
    public static string NameOf(Pooling pooling) => _poolings.Single(p => p.Pooling == pooling).Name;

    /// <summary>The pooling of a name that <see cref="Read"/> gave.</summary>
    public static Pooling Of(string name) => _poolings.Single(p => p.Name == name).Pooling;

    /// <summary>Whether sentence-transformers has this pooling.</summary>
    public static bool IsPortable(Pooling pooling) => _poolings.Single(p => p.Pooling == pooling).Flag is not null;

    /// <summary>The pooling's name (cls, mean, max, avg_first_last or avg_top2), and whether a prompt's tokens are pooled.</summary>
    /// <exception cref="InvalidDataException">No file, or a pooling that this encoder does not have; names it.</exception>
    public static (string Name, bool IncludePrompt) Read(IModelFileSource files, string folder)
    {
        string name = $"{folder}/config.json";
        var json = files.ReadJsonObject(name)
            ?? throw new InvalidDataException($"'{files.Location}' has no {name}, which modules.json points to.");
        string where = files.Describe(name);
        FeatureNames.Check(ModelConfiguration.Read(files, folder), "Pooling", FeatureNames.Tokens, FeatureNames.Sentence);
        var chosen = Chosen(json, where);
        if (chosen.Count != 1)
        {
            string asked = chosen.Count == 0 ? "no pooling" : $"the poolings {string.Join(" + ", chosen)} at once";
            throw new InvalidDataException($"{where} asks for {asked}; this encoder has exactly one of cls, mean and max.");
        }
        if (!_poolings.Any(p => p.Name == chosen[0]))
            throw new InvalidDataException(
                $"{where} asks for the pooling {chosen[0]}, which this encoder does not have; cls, mean and max it has.");
        return (chosen[0], Flag(json, PromptField, where) ?? true);
    }

    /// <summary>Writes the pooling in the flags that every sentence-transformers reads.</summary>
    public static void Write(IModelFileSink sink, string folder, string pooling, bool includePrompt, int dimension)
    {
        var json = new JsonObject { ["word_embedding_dimension"] = dimension };
        // Early versions refuse flags that they do not know, so only the four of the first version are written.
        foreach (var (flag, name) in AllFlags().Take(4)) json[Prefix + flag] = name == pooling;
        if (!includePrompt) json[PromptField] = false;
        if (!IsPortable(Of(pooling))) json[ModeField] = pooling;
        sink.WriteJson($"{folder}/config.json", json);
    }

    private static IEnumerable<(string Flag, string Name)> AllFlags()
        => _poolings.Where(p => p.Flag is not null).Select(p => (p.Flag!, p.Name)).Concat(_foreignFlags);

    // The one field of later versions wins over the flags of earlier ones, of which only the mean's is on if the file does not name it.
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
        return [.. on.Select(flag => AllFlags().FirstOrDefault(f => f.Flag == flag).Name ?? flag)];
    }

    private static bool? Flag(JsonObject json, string field, string where) => json[field] is not { } node ? null
        : node is JsonValue value && value.TryGetValue(out bool flag) ? flag
        : throw new InvalidDataException($"{where}: {field} must be true or false.");
}
