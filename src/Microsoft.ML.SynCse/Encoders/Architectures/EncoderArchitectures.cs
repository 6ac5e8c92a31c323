using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>The supported architectures, by config.json's model_type; and the settings of config.json that none of them supports.</summary>
internal static class EncoderArchitectures
{
    private static readonly Dictionary<string, Func<ModelConfiguration, WeightsReader, TransformerNetwork>> _known
        = new(StringComparer.Ordinal)
        {
            ["bert"] = BertNetwork.Read,
            ["camembert"] = RobertaNetwork.Read,
            ["distilbert"] = DistilBertNetwork.Read,
            ["electra"] = ElectraNetwork.Read,
            ["mpnet"] = MPNetNetwork.Read,
            ["roberta"] = RobertaNetwork.Read,
            ["xlm-roberta"] = RobertaNetwork.Read,
        };

    private static readonly (string Field, string Why)[] _unsupportedFlags =
    [
        ("is_decoder", "a token then sees only those before it"),
        ("add_cross_attention", "the model then reads a second text"),
        ("is_encoder_decoder", "the model then has two halves"),
    ];

    /// <summary>Reads the weights of an architecture: its tensors, and the prefix that their names may have in the file.</summary>
    public delegate EncoderWeights WeightsReader(IReadOnlyList<WeightSpec> specs, string prefix);

    /// <summary>Throws if the architecture, or a setting that changes what it computes, is not supported. Reads nothing large.</summary>
    /// <exception cref="InvalidDataException">The model_type or a setting is not supported; names file and field.</exception>
    public static void Require(ModelConfiguration configuration)
    {
        if (!_known.ContainsKey(configuration.ModelType))
            throw configuration.Error($"model_type '{configuration.ModelType}' is not supported; {string.Join(", ", _known.Keys)} are.");
        foreach (var (field, why) in _unsupportedFlags)
            if (configuration.Flag(field, fallback: false))
                throw configuration.Error($"{field} is true: {why}, which is not supported. An encoder of sentences has it false.");
        if (configuration.Value("quantization_config") is { } quantized)
        {
            string method = quantized is JsonObject o && o["quant_method"] is { } name ? $" ({ModelFileName.Shown(name.ToString())})" : "";
            throw configuration.Error($"quantization_config{method} is set: quantized weights are not supported. "
                + "Give the model's folder with full weights (float32, float16 or bfloat16).");
        }
        if (configuration.Value("pruned_heads") is JsonObject { Count: > 0 })
            throw configuration.Error("pruned_heads names attention heads that were cut out, which is not supported. "
                + "Give the model with all of its heads.");
    }

    /// <summary>Reads the network that a folder's config.json describes.</summary>
    /// <exception cref="InvalidDataException">The model_type is not known, or the configuration or the weights are not valid.</exception>
    public static TransformerNetwork Read(IModelFileSource files, ModelConfiguration configuration, torch.Device device)
        => Read(configuration, (specs, prefix) => EncoderWeights.Read(files, "model.safetensors", specs, prefix, device));

    /// <summary>Reads the network that a configuration describes over weights from any source.</summary>
    /// <exception cref="InvalidDataException">The model_type is not known, or the configuration is not valid.</exception>
    public static TransformerNetwork Read(ModelConfiguration configuration, WeightsReader read)
    {
        Require(configuration);
        return _known[configuration.ModelType](configuration, read);
    }
}
