using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Export;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>A transformer encoder, from token ids to hidden states: token embeddings and absolute positions are summed and normed, then
/// come the layers, each with its norms after the sums.</summary>
/// <remarks>
/// An architecture is a subclass and one line in <see cref="EncoderArchitectures"/>. Forward passes only read the weights, so several
/// threads may run them at once.
/// </remarks>
internal abstract class TransformerNetwork : IDisposable
{
    private const string TokenName = "embeddings.word_embeddings.weight", PositionName = "embeddings.position_embeddings.weight";
    private const string TokenTypeName = "embeddings.token_type_embeddings.weight";
    private const string NormWeight = "embeddings.LayerNorm.weight", NormBias = "embeddings.LayerNorm.bias";

    private readonly TransformerLayer[] _layers;
    private readonly Tensor _positions, _normWeight, _normBias;
    private readonly Tensor? _tokenTypes;

    /// <summary>A network over weights, which it owns from here on.</summary>
    protected TransformerNetwork(TransformerConfiguration configuration, EncoderWeights weights, LayerNames names)
    {
        (Configuration, Weights) = (configuration, weights);
        (TokenTable, _positions) = (weights[TokenName], weights[PositionName]);
        _tokenTypes = configuration.TokenTypes > 0 ? weights[TokenTypeName] : null;
        (_normWeight, _normBias) = (weights[NormWeight], weights[NormBias]);
        _layers = [.. Enumerable.Range(0, configuration.Layers).Select(i => new TransformerLayer(weights, names, i, configuration))];
    }

    /// <summary>The weights, which belong to the network.</summary>
    public EncoderWeights Weights { get; }

    /// <summary>H, the length of the vector of a token.</summary>
    public int HiddenSize => Configuration.HiddenSize;

    /// <summary>Whether a token's type is an input; a model with one type has the same for all.</summary>
    public bool ReadsTokenTypes => Configuration.TokenTypes > 1;

    /// <summary>The number of transformer layers.</summary>
    public int LayerCount => Configuration.Layers;

    /// <summary>The largest number of tokens in a sentence, special tokens included.</summary>
    public virtual int MaxTokens => Configuration.Positions;

    /// <summary>V, the number of token ids.</summary>
    public int VocabularySize => Configuration.VocabularySize;

    /// <summary>The model's own dropout probability in hidden layers.</summary>
    public double HiddenDropout => Configuration.HiddenDropout;

    /// <summary>The model's own dropout probability in attention weights.</summary>
    public double AttentionDropout => Configuration.AttentionDropout;

    /// <summary>The epsilon of the layer norms.</summary>
    public double Epsilon => Configuration.Epsilon;

    /// <summary>The embedding of every token id: (V, E).</summary>
    public Tensor TokenTable { get; }

    /// <summary>The checked configuration.</summary>
    protected TransformerConfiguration Configuration { get; }

    /// <summary>The embeddings of token ids: (N) to (N, E).</summary>
    public Tensor TokenEmbeddings(Tensor ids) => TokenTable.index_select(0, ids);

    /// <summary>Runs all layers.</summary>
    /// <param name="embeddings">The token embeddings (B T, E), from <see cref="TokenEmbeddings"/>.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="dropout">Dropout, or <see cref="Dropout.None"/>.</param>
    /// <param name="keep">Which layers' outputs to return, from 1; the others are freed as soon as the next layer has read them.</param>
    /// <returns>The kept outputs, each (B, T, H), in the order of the layers.</returns>
    public IReadOnlyList<Tensor> Forward(Tensor embeddings, TokenBatch batch, Dropout dropout, Func<int, bool> keep)
    {
        var kept = new List<Tensor>();
        using var mask = AttentionMask(batch);
        Tensor hidden;
        using (var scope = NewDisposeScope()) hidden = Embed(embeddings, batch, dropout).MoveToOuterDisposeScope();
        bool keepHidden = false;
        for (int layer = 1; layer <= LayerCount; layer++)
        {
            Tensor next;
            using (var scope = NewDisposeScope()) next = _layers[layer - 1].Apply(hidden, batch, mask, dropout).MoveToOuterDisposeScope();
            if (!keepHidden) hidden.Dispose();
            (hidden, keepHidden) = (next, keep(layer));
            if (keepHidden) kept.Add(hidden.view(batch.Rows, batch.Length, HiddenSize));
        }
        return kept;
    }

    /// <summary>Writes into an ONNX graph what <see cref="Forward"/> computes without dropout.</summary>
    /// <param name="modules">Writes the parts.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="keep">Which layers' outputs to return, from 1.</param>
    /// <returns>The kept outputs, each (B, T, H), in the order of the layers.</returns>
    public IReadOnlyList<OnnxValue> Export(OnnxModules modules, OnnxTokens tokens, Func<int, bool> keep)
    {
        var kept = new List<OnnxValue>();
        var mask = ExportMask(modules, tokens);
        var hidden = ExportEmbeddings(modules, tokens);
        for (int layer = 1; layer <= LayerCount; layer++)
        {
            hidden = _layers[layer - 1].Export(modules, hidden, mask);
            if (keep(layer)) kept.Add(hidden);
        }
        return kept;
    }

    /// <summary>The same network over other weights, which belong to it from here on.</summary>
    public abstract TransformerNetwork WithWeights(EncoderWeights weights);

    /// <summary>The same network with a copy of the weights, gradients on.</summary>
    public TransformerNetwork Clone(Device device) => WithWeights(Weights.Clone(device));

    /// <summary>The same network with its matrix products in bfloat16; embeddings, layer norms and sums stay in float32.</summary>
    /// <param name="keep">As for <see cref="EncoderWeights.Cast"/>.</param>
    public TransformerNetwork InBFloat16(bool keep) => WithWeights(Weights.Cast(ScalarType.BFloat16, IsLinear, keep));

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();

    /// <summary>The tensors that every architecture has.</summary>
    protected static IEnumerable<WeightSpec> Specs(TransformerConfiguration c, LayerNames names)
    {
        yield return new(TokenName, [c.VocabularySize, c.EmbeddingSize]);
        yield return new(PositionName, [c.Positions, c.EmbeddingSize]);
        if (c.TokenTypes > 0) yield return new(TokenTypeName, [c.TokenTypes, c.EmbeddingSize]);
        yield return new(NormWeight, [c.EmbeddingSize]);
        yield return new(NormBias, [c.EmbeddingSize]);
        foreach (var spec in Enumerable.Range(0, c.Layers).SelectMany(layer => names.Specs(layer, c.HiddenSize, c.IntermediateSize)))
            yield return spec;
    }

    /// <summary>The attention mask of a batch, made once for all layers and broadcast to (B, h, T, T).</summary>
    /// <returns>Bool, true for the tokens that are seen; or float, added to the scores; null if every token sees every other.</returns>
    protected virtual Tensor? AttentionMask(TokenBatch batch) => batch.Mask?.view(batch.Rows, 1, 1, batch.Length);

    /// <summary>The rows of the position table for a batch: (T, E), or (B, T, E) if they differ between sentences.</summary>
    protected virtual Tensor Positions(Tensor table, TokenBatch batch) => table.narrow(0, 0, batch.Length);

    /// <summary>From the size of the embeddings to that of the layers: (B T, E) to (B T, H).</summary>
    protected virtual Tensor Project(Tensor embedded) => embedded;

    /// <summary>Writes what is added to the attention scores, broadcast to (B, h, T, T); see <see cref="AttentionMask"/>.</summary>
    protected virtual OnnxValue ExportMask(OnnxModules modules, OnnxTokens tokens) => tokens.ScoreMask;

    /// <summary>Writes what <see cref="Positions"/> selects: (T, E) or (B, T, E).</summary>
    protected virtual OnnxValue ExportPositions(OnnxGraph graph, OnnxValue table, OnnxTokens tokens)
        => graph.Add("Slice", [table, graph.Integers(0), tokens.Length, graph.Integers(0)]);

    /// <summary>Writes <see cref="Project"/>: (B, T, E) to (B, T, H).</summary>
    protected virtual OnnxValue ExportProjection(OnnxModules modules, OnnxValue embedded) => embedded;

    private OnnxValue ExportEmbeddings(OnnxModules modules, OnnxTokens tokens)
    {
        var graph = modules.Graph;
        var sum = graph.Add("Add",
            [modules.Embedding(TokenName, TokenTable, tokens.Ids),
                ExportPositions(graph, modules.Weight(PositionName, _positions), tokens)]);
        if (_tokenTypes is not null)
        {
            sum = graph.Add("Add",
            [
                sum,
                tokens.Types is { } types ? graph.Add("Gather", [modules.Weight(TokenTypeName, _tokenTypes), types])
                    : modules.Weight(TokenTypeName, _tokenTypes[0]),
            ]);
        }
        return ExportProjection(modules, modules.LayerNorm("embeddings.LayerNorm", sum, _normWeight, _normBias, Configuration.Epsilon));
    }

    // (B T, E) to (B T, H).
    private Tensor Embed(Tensor embeddings, TokenBatch batch, Dropout dropout)
    {
        var places = Positions(_positions, batch);                                                      // (T, E) or (B, T, E)
        // Every sentence is a first segment, so its token type is row 0; the two small tables are added before they meet the large block.
        if (_tokenTypes is not null) places = places.add(_tokenTypes[0]);
        int size = Configuration.EmbeddingSize;
        var sum = embeddings.view(batch.Rows, batch.Length, size).add(places).view(-1, size);
        return Project(dropout.ApplyHidden(F.layer_norm(sum, [size], _normWeight, _normBias, Configuration.Epsilon)));
    }

    private bool IsLinear(string name)
    {
        int dot = name.LastIndexOf('.');
        return !name.StartsWith("embeddings.", StringComparison.Ordinal) && Weights.Tensors.TryGetValue($"{name[..dot]}.bias", out _)
            && Weights.Tensors[$"{name[..dot]}.weight"].dim() == 2;
    }
}
