using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Export;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>MPNet (Song et al., 2020): BERT without token types, with <see cref="PaddedPositions"/> and an attention bias that depends on
/// the distance of two tokens and that all layers share.</summary>
internal sealed class MPNetNetwork : TransformerNetwork
{
    // Its positions start after id 1, even if config.json gives another padding id.
    private const int PadId = 1;
    private const string BiasTable = "encoder.relative_attention_bias.weight";
    private readonly RelativePositionBias _bias;

    private MPNetNetwork(TransformerConfiguration configuration, EncoderWeights weights, int maxTokens)
        : base(configuration, weights, LayerNames.MPNet) => (_bias, MaxTokens) = (new(weights[BiasTable]), maxTokens);

    /// <inheritdoc/>
    public override int MaxTokens { get; }

    /// <summary>Reads the network.</summary>
    public static TransformerNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.Read(json, tokenTypes: false);
        int buckets = json.Int("relative_attention_num_buckets", 4, 1 << 12, fallback: 32);
        int room = PaddedPositions.Room(json, configuration, PadId);
        if (buckets % 2 != 0)
            throw json.Error($"relative_attention_num_buckets {buckets} is odd; one half of the buckets is for each direction.");
        var weights = read([.. Specs(configuration, LayerNames.MPNet), new(BiasTable, [buckets, configuration.Heads])], "mpnet.");
        return new MPNetNetwork(configuration, weights, room);
    }

    /// <inheritdoc/>
    public override TransformerNetwork WithWeights(EncoderWeights weights) => new MPNetNetwork(Configuration, weights, MaxTokens);

    /// <inheritdoc/>
    protected override Tensor? AttentionMask(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var bias = _bias.For(batch.Length);                                                             // (1, h, T, T)
        if (base.AttentionMask(batch) is { } mask) bias = bias.masked_fill(mask.logical_not(), float.NegativeInfinity);
        return bias.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor Positions(Tensor table, TokenBatch batch) => PaddedPositions.Select(table, batch, PadId);

    /// <inheritdoc/>
    protected override OnnxValue ExportPositions(OnnxGraph graph, OnnxValue table, OnnxTokens tokens)
        => PaddedPositions.Export(graph, table, tokens, PadId);

    /// <inheritdoc/>
    protected override OnnxValue ExportMask(OnnxModules modules, OnnxTokens tokens)
        => modules.Graph.Add("Add", [_bias.Export(modules.Graph, tokens, MaxTokens), tokens.ScoreMask]);

    // The number that is added to the attention scores for the distance of two tokens: small distances have a bucket each, larger ones
    // share buckets that grow with the logarithm (Raffel et al., 2020, section 2.1). The table has one value for each bucket and head (K,
    // h).
    private sealed class RelativePositionBias(Tensor table)
    {
        private const int FarthestOfItsOwn = 128;

        // The bias of T tokens: (1, h, T, T).
        public Tensor For(int length)
        {
            using var scope = NewDisposeScope();
            var buckets = Buckets(length, table.device);
            return table.index_select(0, buckets.view(-1)).view(length, length, -1).permute(2, 0, 1).unsqueeze(0).contiguous()
                .MoveToOuterDisposeScope();
        }

        // Writes For: the biases by distance are a table, so that no logarithm is computed in the graph.
        public OnnxValue Export(OnnxGraph graph, OnnxTokens tokens, int maxTokens)
        {
            // distances 0, 1, ... of later tokens
            var firstRow = Buckets(maxTokens, table.device).select(0, 0);
            // distances 0, 1, ... of earlier tokens
            var firstColumn = Buckets(maxTokens, table.device).select(1, 0);
            var byDistance = table.index_select(0, cat([firstColumn.flip(0), firstRow.narrow(0, 1, maxTokens - 1)]));
            var places = tokens.Places(graph);
            var distance = graph.Add("Sub",
                [graph.Add("Unsqueeze", [places, graph.Integers(0)]), graph.Add("Unsqueeze", [places, graph.Integers(1)])]);
            var rows = graph.Add("Gather",
                [graph.Weight(BiasTable, OnnxModules.Stored(byDistance)), graph.Add("Add", [distance, graph.Integer(maxTokens - 1)])]);
            return graph.Add("Unsqueeze", [graph.Add("Transpose", [rows], ("perm", new long[] { 2, 0, 1 })), graph.Integers(0)]);
        }

        // Computed by torch in float32, as PyTorch does: a logarithm that is one bit off would put a distance into the next bucket.
        private Tensor Buckets(int length, Device device)
        {
            int half = (int)table.shape[0] / 2, exact = half / 2;
            var place = arange(length, dtype: ScalarType.Int64, device: device);
            var distance = place.unsqueeze(1).sub(place.unsqueeze(0)); // (T, T): positive if the other token comes first
            var size = distance.abs();
            var grown = size.to(ScalarType.Float32).div(exact).log().div(Math.Log(FarthestOfItsOwn / (double)exact)).mul(half - exact)
                .to(ScalarType.Int64).add(exact).clamp(max: half - 1);
            return distance.lt(0).to(ScalarType.Int64).mul(half).add(where(size.lt(exact), size, grown));
        }
    }
}
