using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Which of several safetensors files holds which tensor: <c>model.safetensors.index.json</c>. Its metadata.total_size is not looked at, as transformers does not either: the shards say what is there.</summary>
/// <param name="File">The index for messages.</param>
/// <param name="Shards">The shards by tensor, as names below the model's root.</param>
internal sealed record SafetensorsIndex(string File, IReadOnlyDictionary<string, string> Shards)
{
    /// <summary>The name of the index of a model whose weights would be in <paramref name="file"/>.</summary>
    public static string NameFor(string file) => file + ".index.json";

    /// <summary>Reads the index that stands for <paramref name="file"/>, or gives null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or names a shard that is not a file beside it.</exception>
    public static SafetensorsIndex? Read(IModelFileSource files, string file)
    {
        var name = NameFor(file);
        if (files.ReadJsonObject(name) is not { } json) return null;
        var where = files.Describe(name);
        if (json["weight_map"] is not JsonObject { Count: > 0 } map) throw new InvalidDataException($"{where} has no weight_map, which says the shard of each tensor.");
        var folder = file[..(file.LastIndexOf('/') + 1)];
        return new(where, map.ToDictionary(p => p.Key, p => folder + Shard(p.Key, p.Value, where), StringComparer.Ordinal));
    }

    private static string Shard(string tensor, JsonNode? node, string where)
    {
        if (node is not JsonValue value || !value.TryGetValue(out string? shard)) throw new InvalidDataException($"{where}: the shard of the tensor {ModelFileName.Shown(tensor)} is not a text.");
        if (shard.Contains('/') || !ModelFileName.IsInside(shard)) throw new InvalidDataException($"{where} names the shard '{ModelFileName.Shown(shard)}'; a shard must lie beside the index.");
        if (!shard.EndsWith(".safetensors", StringComparison.Ordinal)) throw new InvalidDataException($"{where} names the shard '{ModelFileName.Shown(shard)}'; a shard must be a .safetensors file.");
        return shard;
    }
}
