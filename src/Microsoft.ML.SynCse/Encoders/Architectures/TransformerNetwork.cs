using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>What the architectures share: words and absolute positions summed and normed, then layers with the norms behind the sums.</summary>
internal abstract class TransformerNetwork : EncoderNetwork
{
    private const string WordName = "embeddings.word_embeddings.weight", PositionName = "embeddings.position_embeddings.weight", TokenTypeName = "embeddings.token_type_embeddings.weight";
    private const string NormWeight = "embeddings.LayerNorm.weight", NormBias = "embeddings.LayerNorm.bias";

    private readonly TransformerLayer[] _layers;
    private readonly Tensor _positions, _normWeight, _normBias;
    private readonly Tensor? _tokenTypes;

    protected TransformerNetwork(TransformerConfiguration configuration, EncoderWeights weights, LayerNames names) : base(weights)
    {
        Configuration = configuration;
        (WordTable, _positions) = (weights[WordName], weights[PositionName]);
        _tokenTypes = configuration.TokenTypes > 0 ? weights[TokenTypeName] : null;
        (_normWeight, _normBias) = (weights[NormWeight], weights[NormBias]);
        _layers = [.. Enumerable.Range(0, configuration.Layers).Select(i => new TransformerLayer(weights, names, i, configuration))];
    }

    /// <inheritdoc/>
    public sealed override int HiddenSize => Configuration.HiddenSize;

    /// <inheritdoc/>
    public sealed override int LayerCount => Configuration.Layers;

    /// <inheritdoc/>
    public override int MaxTokens => Configuration.Positions;

    /// <inheritdoc/>
    public sealed override int VocabularySize => Configuration.VocabularySize;

    /// <inheritdoc/>
    public sealed override double HiddenDropout => Configuration.HiddenDropout;

    /// <inheritdoc/>
    public sealed override double AttentionDropout => Configuration.AttentionDropout;

    /// <summary>The checked configuration.</summary>
    protected TransformerConfiguration Configuration { get; }

    /// <inheritdoc/>
    public sealed override double Epsilon => Configuration.Epsilon;

    /// <inheritdoc/>
    public sealed override Tensor WordTable { get; }

    /// <inheritdoc/>
    public sealed override Tensor Embed(Tensor words, TokenBatch batch, Dropout dropout)
    {
        var places = Positions(_positions, batch);                                                      // (T, E) or (B, T, E)
        // Every sentence is a first segment, so its token type is row 0; the two small tables are added together before they meet the big block.
        if (_tokenTypes is not null) places = places.add(_tokenTypes[0]);
        int size = Configuration.EmbeddingSize;
        var sum = words.view(batch.Rows, batch.Length, size).add(places).view(-1, size);
        return Project(dropout.ApplyHidden(F.layer_norm(sum, [size], _normWeight, _normBias, Configuration.Epsilon)));
    }

    /// <inheritdoc/>
    public sealed override Tensor Layer(int index, Tensor hidden, TokenBatch batch, Tensor? mask, Dropout dropout) => _layers[index].Apply(hidden, batch, mask, dropout);

    /// <summary>The tensors that every architecture has.</summary>
    protected static IEnumerable<WeightSpec> Specs(TransformerConfiguration c, LayerNames names)
    {
        yield return new(WordName, [c.VocabularySize, c.EmbeddingSize]);
        yield return new(PositionName, [c.Positions, c.EmbeddingSize]);
        if (c.TokenTypes > 0) yield return new(TokenTypeName, [c.TokenTypes, c.EmbeddingSize]);
        yield return new(NormWeight, [c.EmbeddingSize]);
        yield return new(NormBias, [c.EmbeddingSize]);
        foreach (var spec in Enumerable.Range(0, c.Layers).SelectMany(layer => names.Specs(layer, c.HiddenSize, c.IntermediateSize))) yield return spec;
    }

    /// <summary>The rows of the position table for a batch: (T, E), or (B, T, E) where they differ between rows.</summary>
    protected virtual Tensor Positions(Tensor table, TokenBatch batch) => table.narrow(0, 0, batch.Length);

    /// <summary>From the embeddings' size to the layers': (B T, E) to (B T, H).</summary>
    protected virtual Tensor Project(Tensor embedded) => embedded;
}
