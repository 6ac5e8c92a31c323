using Microsoft.ML.SynCse.Core.Folders;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>MPNet (Song et al., 2020): BERT without token types, with <see cref="PaddedPositions"/> and an attention bias by distance that all layers share.</summary>
internal sealed class MPNetNetwork : TransformerNetwork
{
    // Its embeddings number positions behind id 1 whatever config.json calls the padding id.
    private const int PadId = 1;
    private const string BiasTable = "encoder.relative_attention_bias.weight";
    private readonly RelativePositionBias _bias;

    private MPNetNetwork(TransformerConfiguration configuration, EncoderWeights weights, int maxTokens) : base(configuration, weights, LayerNames.MPNet)
        => (_bias, MaxTokens) = (new(weights[BiasTable]), maxTokens);

    /// <inheritdoc/>
    public override int MaxTokens { get; }

    /// <summary>Reads the network.</summary>
    public static EncoderNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.Read(json, tokenTypes: false);
        int buckets = json.Int("relative_attention_num_buckets", 4, 1 << 12, fallback: 32), room = PaddedPositions.Room(json, configuration, PadId);
        if (buckets % 2 != 0) throw json.Error($"relative_attention_num_buckets {buckets} is odd; one half of the buckets is for each direction.");
        return new MPNetNetwork(configuration, read([.. Specs(configuration, LayerNames.MPNet), new(BiasTable, [buckets, configuration.Heads])], "mpnet."), room);
    }

    /// <inheritdoc/>
    public override EncoderNetwork Over(EncoderWeights weights) => new MPNetNetwork(Configuration, weights, MaxTokens);

    /// <inheritdoc/>
    public override Tensor? AttentionMask(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var bias = _bias.For(batch.Length);                                                             // (1, h, T, T)
        if (base.AttentionMask(batch) is { } mask) bias = bias.masked_fill(mask.logical_not(), float.NegativeInfinity);
        return bias.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor Positions(Tensor table, TokenBatch batch) => PaddedPositions.Select(table, batch, PadId);
}
