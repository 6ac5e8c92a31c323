using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>BERT (Devlin et al., 2019).</summary>
internal sealed class BertNetwork : TransformerNetwork
{
    private BertNetwork(TransformerConfiguration configuration, EncoderWeights weights) : base(configuration, weights, LayerNames.Bert)
    {
    }

    /// <summary>Reads the network.</summary>
    public static TransformerNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.Read(json);
        return new BertNetwork(configuration, read([.. Specs(configuration, LayerNames.Bert)], "bert."));
    }

    /// <inheritdoc/>
    public override TransformerNetwork WithWeights(EncoderWeights weights) => new BertNetwork(Configuration, weights);
}
