using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A small network of each architecture with random seeded weights.</summary>
internal static class RandomNetwork
{
    public const int Words = 30, Hidden = 12;

    public static string[] Kinds { get; } = ["bert", "distilbert", "electra", "mpnet", "roberta", "xlm-roberta"];

    /// <summary>A config.json of two layers; <paramref name="change"/> may change it.</summary>
    public static ModelConfiguration Configuration(string kind, Action<JsonObject>? change = null)
    {
        var json = kind == "distilbert"
            ? new JsonObject { ["dim"] = Hidden, ["n_layers"] = 2, ["n_heads"] = 3, ["hidden_dim"] = 20 }
            : new JsonObject
            {
                ["hidden_size"] = Hidden,
                ["num_hidden_layers"] = 2,
                ["num_attention_heads"] = 3,
                ["intermediate_size"] = 20
            };
        if (kind != "distilbert") json["type_vocab_size"] = 2;
        json["model_type"] = kind;
        int padId = kind is "roberta" or "xlm-roberta" or "mpnet" ? 1 : 0;
        (json["vocab_size"], json["max_position_embeddings"], json["pad_token_id"]) = (Words, 24, padId);
        if (kind == "electra") json["embedding_size"] = 8;
        if (kind == "mpnet") json["relative_attention_num_buckets"] = 8;
        change?.Invoke(json);
        return ModelConfiguration.Read(new MemoryFiles { [ModelConfiguration.FileName] = json.ToJsonString() });
    }

    /// <summary>The network, its weights of the type given.</summary>
    public static TransformerNetwork Create(
        string kind, torch.ScalarType type = torch.ScalarType.Float32, int seed = 3, Action<JsonObject>? change = null)
        => EncoderArchitectures.Read(Configuration(kind, change), (specs, _) =>
        {
            using var generator = new torch.Generator((ulong)seed);
            using var scope = torch.NewDisposeScope();
            var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
            foreach (var spec in specs)
            {
                var values = torch.randn(spec.Shape, dtype: torch.ScalarType.Float64, generator: generator).mul_(0.3);
                bool scale = spec.Name.EndsWith("orm.weight", StringComparison.Ordinal);
                tensors[spec.Name] = (scale ? values.add_(1) : values).to(type).DetachFromDisposeScope();
            }
            return EncoderWeights.Take(tensors, torch.CPU);
        });
}
