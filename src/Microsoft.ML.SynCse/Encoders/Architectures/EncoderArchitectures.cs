using Microsoft.ML.SynCse.Core.Folders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>The architectures there are, by config.json's model_type.</summary>
internal static class EncoderArchitectures
{
    private static readonly Dictionary<string, Func<ModelConfiguration, WeightsReader, EncoderNetwork>> Known = new(StringComparer.Ordinal)
    {
        ["bert"] = BertNetwork.Read,
        ["camembert"] = RobertaNetwork.Read,
        ["distilbert"] = DistilBertNetwork.Read,
        ["electra"] = ElectraNetwork.Read,
        ["mpnet"] = MPNetNetwork.Read,
        ["roberta"] = RobertaNetwork.Read,
        ["xlm-roberta"] = RobertaNetwork.Read,
    };

    /// <summary>Reads the weights of an architecture: its tensors, and the prefix that they may carry in the file.</summary>
    public delegate EncoderWeights WeightsReader(IReadOnlyList<WeightSpec> specs, string prefix);

    /// <summary>Throws where there is no such architecture, before anything large is read.</summary>
    /// <exception cref="InvalidDataException">The model_type is not known; names it and those that are.</exception>
    public static void Require(ModelConfiguration configuration)
    {
        if (!Known.ContainsKey(configuration.ModelType))
            throw configuration.Error($"model_type '{configuration.ModelType}' is not supported; {string.Join(", ", Known.Keys)} are.");
        UnsupportedSettings.Refuse(configuration);
    }

    /// <summary>Reads the network that a folder's config.json describes.</summary>
    /// <exception cref="InvalidDataException">The model_type is not known, or the configuration or the weights are not sound.</exception>
    public static EncoderNetwork Read(IModelFileSource files, ModelConfiguration configuration, torch.Device device)
        => Read(configuration, (specs, prefix) => EncoderWeights.Read(files, "model.safetensors", specs, prefix, device));

    /// <summary>Reads the network that a configuration describes over weights from anywhere.</summary>
    /// <exception cref="InvalidDataException">The model_type is not known, or the configuration is not sound.</exception>
    public static EncoderNetwork Read(ModelConfiguration configuration, WeightsReader read)
    {
        Require(configuration);
        return Known[configuration.ModelType](configuration, read);
    }
}
