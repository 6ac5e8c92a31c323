using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>DistilBERT (Sanh et al., 2019): BERT without token types, under other names.</summary>
/// <remarks>Sinusoidal positions (sinusoidal_pos_embds) are a way of filling the position table, which the file holds either way.</remarks>
internal sealed class DistilBertNetwork : TransformerNetwork
{
    private DistilBertNetwork(TransformerConfiguration configuration, EncoderWeights weights) : base(configuration, weights, LayerNames.DistilBert)
    {
    }

    /// <summary>Reads the network.</summary>
    public static EncoderNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.ReadDistilled(json);
        return new DistilBertNetwork(configuration, read([.. Specs(configuration, LayerNames.DistilBert)], "distilbert."));
    }

    /// <inheritdoc/>
    public override EncoderNetwork Over(EncoderWeights weights) => new DistilBertNetwork(Configuration, weights);
}
