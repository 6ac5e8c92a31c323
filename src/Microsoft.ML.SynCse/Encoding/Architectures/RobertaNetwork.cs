using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>RoBERTa (Liu et al., 2019): BERT whose positions are numbered behind the padding id, tokens with that id not counted.</summary>
internal sealed class RobertaNetwork : BertNetwork
{
    private RobertaNetwork(BertConfiguration configuration, EncoderWeights weights) : base(configuration, weights)
    {
    }

    /// <inheritdoc/>
    public override int MaxTokens => Configuration.Positions - Configuration.PadId - 1;

    /// <summary>Reads the network.</summary>
    public static new EncoderNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = BertConfiguration.Read(json);
        if (configuration.Positions - configuration.PadId - 1 < 3) throw json.Error($"max_position_embeddings {configuration.Positions} leaves no room behind pad_token_id {configuration.PadId}.");
        return new RobertaNetwork(configuration, read([.. Specs(configuration)], "roberta."));
    }

    /// <inheritdoc/>
    public override EncoderNetwork Clone(Device device) => new RobertaNetwork(Configuration, Weights.Clone(device));

    /// <inheritdoc/>
    protected override Tensor Positions(Tensor table, TokenBatch batch)
    {
        var counted = batch.Ids.ne(Configuration.PadId).to(ScalarType.Int64);
        var places = counted.cumsum(1).mul_(counted).add_(Configuration.PadId);                         // (B, T)
        return table.index_select(0, places.view(-1)).view(batch.Rows, batch.Length, HiddenSize);
    }
}
