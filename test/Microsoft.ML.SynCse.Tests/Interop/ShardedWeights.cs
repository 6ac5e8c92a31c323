using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Turns a folder's one safetensors file into shards with an index, as transformers saves large models.</summary>
internal static class ShardedWeights
{
    public static string Name(int shard, int count) => $"model-{shard + 1:D5}-of-{count:D5}.safetensors";

    /// <summary>Splits the file; neighbours by name go to different shards.</summary>
    public static void Split(string folder, int count)
    {
        string file = Path.Combine(folder, "model.safetensors");
        using var scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors;
        using (var stream = File.OpenRead(file)) tensors = SafetensorsReader.Read(stream, file, (_, _) => _ => true);
        var map = new JsonObject();
        for (int shard = 0; shard < count; shard++)
        {
            var part = tensors.OrderBy(t => t.Key, StringComparer.Ordinal).Where((_, i) => i % count == shard).ToDictionary();
            foreach (string name in part.Keys) map[name] = Name(shard, count);
            using var stream = File.Create(Path.Combine(folder, Name(shard, count)));
            SafetensorsWriter.Write(stream, part);
        }
        long total = tensors.Values.Sum(t => t.numel() * 4);
        File.WriteAllText(
            file + ".index.json",
            new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = total }, ["weight_map"] = map }.ToJsonString());
        foreach (var tensor in tensors.Values) tensor.Dispose();
        File.Delete(file);
    }

    /// <summary>Changes the index.</summary>
    public static void ChangeIndex(string folder, Action<JsonObject> change)
    {
        string path = Path.Combine(folder, "model.safetensors.index.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
