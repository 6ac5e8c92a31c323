using Microsoft.ML.SynCse.Core.Folders;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>RoBERTa (Liu et al., 2019) and XLM-RoBERTa (Conneau et al., 2020): BERT with <see cref="PaddedPositions"/>.</summary>
internal sealed class RobertaNetwork : TransformerNetwork
{
    private RobertaNetwork(TransformerConfiguration configuration, EncoderWeights weights, int maxTokens) : base(configuration, weights, LayerNames.Bert) => MaxTokens = maxTokens;

    /// <inheritdoc/>
    public override int MaxTokens { get; }

    /// <summary>Reads the network.</summary>
    public static EncoderNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.Read(json, padId: 1);
        int room = PaddedPositions.Room(json, configuration, configuration.PadId);
        return new RobertaNetwork(configuration, read([.. Specs(configuration, LayerNames.Bert)], "roberta."), room);
    }

    /// <inheritdoc/>
    public override EncoderNetwork Over(EncoderWeights weights) => new RobertaNetwork(Configuration, weights, MaxTokens);

    /// <inheritdoc/>
    protected override Tensor Positions(Tensor table, TokenBatch batch) => PaddedPositions.Select(table, batch, Configuration.PadId);
}
