using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse;

/// <summary>A Pooling module's config.json.</summary>
internal static class PoolingFile
{
    private const string Prefix = "pooling_mode_";

    // sentence-transformers' flags and ours; the last two it does not have, so they are written by name alone.
    private static readonly (string Flag, string Name)[] Flags = [("cls_token", "cls"), ("mean_tokens", "mean"), ("max_tokens", "max")];
    private static readonly string[] Names = ["cls", "mean", "max", "avg_first_last", "avg_top2"];

    /// <summary>The pooling's name: cls, mean, max, avg_first_last or avg_top2.</summary>
    /// <exception cref="InvalidDataException">No file, or a pooling that this encoder does not have.</exception>
    public static string Read(IModelFileSource files, string folder)
    {
        var name = $"{folder}/config.json";
        var json = files.ReadJsonObject(name) ?? throw new InvalidDataException($"'{files.Location}' has no {name}, which modules.json points to.");
        var chosen = json.Where(p => p.Key.StartsWith(Prefix, StringComparison.Ordinal) && p.Value is JsonValue v && v.TryGetValue(out bool on) && on)
            .Select(p => p.Key[Prefix.Length..]).ToList();
        if (json["pooling_mode"] is JsonValue mode && mode.TryGetValue(out string? text) && chosen.Count == 0) chosen.Add(text);
        if (chosen.Count == 1)
        {
            var known = Flags.Where(f => f.Flag == chosen[0]).Select(f => f.Name).FirstOrDefault() ?? chosen[0];
            if (Names.Contains(known)) return known;
        }
        throw new InvalidDataException($"{files.Describe(name)} asks for the pooling {string.Join(" + ", chosen)}; this encoder has exactly one of cls, mean and max.");
    }

    /// <summary>Writes the pooling in the flags that sentence-transformers reads.</summary>
    public static void Write(IModelFileSink sink, string folder, string pooling, int dimension)
    {
        var json = new JsonObject { ["word_embedding_dimension"] = dimension };
        foreach (var (flag, name) in Flags) json[Prefix + flag] = name == pooling;
        json[Prefix + "mean_sqrt_len_tokens"] = false;
        if (Flags.All(f => f.Name != pooling)) json["pooling_mode"] = pooling;
        sink.WriteJson($"{folder}/config.json", json);
    }

    /// <summary>Whether sentence-transformers has this pooling.</summary>
    public static bool IsPortable(string pooling) => Flags.Any(f => f.Name == pooling);
}
