using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>The architectures there are, by config.json's model_type.</summary>
internal static class EncoderArchitectures
{
    private static readonly Dictionary<string, Func<ModelConfiguration, WeightsReader, EncoderNetwork>> Known = new(StringComparer.Ordinal)
    {
        ["bert"] = BertNetwork.Read,
        ["roberta"] = RobertaNetwork.Read,
    };

    /// <summary>Reads the weights of an architecture: its tensors, and the prefix that they may carry in the file.</summary>
    public delegate EncoderWeights WeightsReader(IReadOnlyList<WeightSpec> specs, string prefix);

    /// <summary>Reads the network that a folder's config.json describes.</summary>
    /// <exception cref="InvalidDataException">The model_type is not known, or the configuration or the weights are not sound.</exception>
    public static EncoderNetwork Read(IModelFileSource files, ModelConfiguration configuration, string folder, torch.Device device)
    {
        if (!Known.TryGetValue(configuration.ModelType, out var read))
            throw configuration.Error($"model_type '{configuration.ModelType}' is not supported; {string.Join(" and ", Known.Keys)} are.");
        var file = folder.Length == 0 ? "model.safetensors" : $"{folder}/model.safetensors";
        return read(configuration, (specs, prefix) => EncoderWeights.Read(files, file, specs, prefix, device));
    }
}
