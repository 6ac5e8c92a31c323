using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>DistilBERT (Sanh et al., 2019): BERT without token types, under other names.</summary>
/// <remarks>Sinusoidal positions (sinusoidal_pos_embds) are a way to fill the position table, which the file holds in both cases.</remarks>
internal sealed class DistilBertNetwork : TransformerNetwork
{
    private DistilBertNetwork(TransformerConfiguration configuration, EncoderWeights weights)
        : base(configuration, weights, LayerNames.DistilBert)
    {
    }

    /// <summary>Reads the network.</summary>
    public static TransformerNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.ReadDistilled(json);
        return new DistilBertNetwork(configuration, read([.. Specs(configuration, LayerNames.DistilBert)], "distilbert."));
    }

    /// <inheritdoc/>
    public override TransformerNetwork WithWeights(EncoderWeights weights) => new DistilBertNetwork(Configuration, weights);
}
