using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse;

/// <summary>BERT (Devlin et al., 2019): absolute positions, post-layer-norm.</summary>
internal class BertNetwork : EncoderNetwork
{
    private readonly LayerWeights[] _layers;
    private readonly Tensor _words, _positions, _tokenType, _normWeight, _normBias;

    protected BertNetwork(BertConfiguration configuration, EncoderWeights weights) : base(weights)
    {
        Configuration = configuration;
        _words = weights["embeddings.word_embeddings.weight"];
        _positions = weights["embeddings.position_embeddings.weight"];
        _tokenType = weights["embeddings.token_type_embeddings.weight"];
        (_normWeight, _normBias) = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"]);
        _layers = [.. Enumerable.Range(0, configuration.Layers).Select(i => new LayerWeights(weights, $"encoder.layer.{i}."))];
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
    protected BertConfiguration Configuration { get; }

    /// <summary>Reads the network.</summary>
    public static EncoderNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = BertConfiguration.Read(json);
        return new BertNetwork(configuration, read([.. Specs(configuration)], "bert."));
    }

    /// <inheritdoc/>
    public override EncoderNetwork Clone(Device device) => new BertNetwork(Configuration, Weights.Clone(device));

    /// <inheritdoc/>
    public sealed override Tensor Words(Tensor ids) => _words.index_select(0, ids);

    /// <inheritdoc/>
    public sealed override Tensor Embed(Tensor words, TokenBatch batch, Dropout dropout)
    {
        // Every sentence is a first segment, so its token type is row 0; the two small tables are added together before they meet the big block.
        var places = Positions(_positions, batch).add(_tokenType[0]);                                   // (T, H) or (B, T, H)
        var sum = words.view(batch.Rows, batch.Length, HiddenSize).add(places).view(-1, HiddenSize);
        return dropout.ApplyHidden(Norm(sum, _normWeight, _normBias));
    }

    /// <inheritdoc/>
    public sealed override Tensor Layer(int index, Tensor hidden, TokenBatch batch, Dropout dropout)
    {
        var w = _layers[index];
        var context = SelfAttention.Apply(
            F.linear(hidden, w.QueryWeight, w.QueryBias), F.linear(hidden, w.KeyWeight, w.KeyBias), F.linear(hidden, w.ValueWeight, w.ValueBias), Configuration.Heads, batch, dropout);
        var attended = Norm(dropout.ApplyHidden(F.linear(context, w.AttentionWeight, w.AttentionBias)).add_(hidden), w.AttentionNormWeight, w.AttentionNormBias);
        var inner = Activate(F.linear(attended, w.InnerWeight, w.InnerBias));                           // (B T, I)
        return Norm(dropout.ApplyHidden(F.linear(inner, w.OuterWeight, w.OuterBias)).add_(attended), w.OuterNormWeight, w.OuterNormBias);
    }

    /// <summary>The tensors of BERT's layout.</summary>
    protected static IEnumerable<WeightSpec> Specs(BertConfiguration c)
    {
        long h = c.HiddenSize, i = c.IntermediateSize;
        yield return new("embeddings.word_embeddings.weight", [c.VocabularySize, h]);
        yield return new("embeddings.position_embeddings.weight", [c.Positions, h]);
        yield return new("embeddings.token_type_embeddings.weight", [c.TokenTypes, h]);
        yield return new("embeddings.LayerNorm.weight", [h]);
        yield return new("embeddings.LayerNorm.bias", [h]);
        for (int layer = 0; layer < c.Layers; layer++)
            foreach (var (name, rows, columns) in LayerWeights.Shapes(h, i))
                yield return new($"encoder.layer.{layer}.{name}", columns == 0 ? [rows] : [rows, columns]);
    }

    /// <summary>The rows of the position table for a batch: (T, H), or (B, T, H) where they differ between rows.</summary>
    protected virtual Tensor Positions(Tensor table, TokenBatch batch) => table.narrow(0, 0, batch.Length);

    private Tensor Norm(Tensor x, Tensor weight, Tensor bias) => F.layer_norm(x, [HiddenSize], weight, bias, Configuration.Epsilon);

    private Tensor Activate(Tensor x) => Configuration.Activation switch
    {
        "gelu" => F.gelu(x),
        "relu" => F.relu(x),
        _ => F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
    };

    /// <summary>A layer's tensors by role; they belong to the network's weights.</summary>
    private sealed class LayerWeights(EncoderWeights weights, string prefix)
    {
        public Tensor QueryWeight { get; } = weights[prefix + "attention.self.query.weight"];
        public Tensor QueryBias { get; } = weights[prefix + "attention.self.query.bias"];
        public Tensor KeyWeight { get; } = weights[prefix + "attention.self.key.weight"];
        public Tensor KeyBias { get; } = weights[prefix + "attention.self.key.bias"];
        public Tensor ValueWeight { get; } = weights[prefix + "attention.self.value.weight"];
        public Tensor ValueBias { get; } = weights[prefix + "attention.self.value.bias"];
        public Tensor AttentionWeight { get; } = weights[prefix + "attention.output.dense.weight"];
        public Tensor AttentionBias { get; } = weights[prefix + "attention.output.dense.bias"];
        public Tensor AttentionNormWeight { get; } = weights[prefix + "attention.output.LayerNorm.weight"];
        public Tensor AttentionNormBias { get; } = weights[prefix + "attention.output.LayerNorm.bias"];
        public Tensor InnerWeight { get; } = weights[prefix + "intermediate.dense.weight"];
        public Tensor InnerBias { get; } = weights[prefix + "intermediate.dense.bias"];
        public Tensor OuterWeight { get; } = weights[prefix + "output.dense.weight"];
        public Tensor OuterBias { get; } = weights[prefix + "output.dense.bias"];
        public Tensor OuterNormWeight { get; } = weights[prefix + "output.LayerNorm.weight"];
        public Tensor OuterNormBias { get; } = weights[prefix + "output.LayerNorm.bias"];

        /// <summary>Names with rows and columns; no columns: a vector.</summary>
        public static IEnumerable<(string Name, long Rows, long Columns)> Shapes(long h, long i)
        {
            foreach (var name in new[] { "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense" })
            {
                yield return ($"{name}.weight", h, h);
                yield return ($"{name}.bias", h, 0);
            }
            foreach (var (name, rows, columns) in new[] { ("intermediate.dense", i, h), ("output.dense", h, i) })
            {
                yield return ($"{name}.weight", rows, columns);
                yield return ($"{name}.bias", rows, 0);
            }
            foreach (var name in new[] { "attention.output.LayerNorm", "output.LayerNorm" })
            {
                yield return ($"{name}.weight", h, 0);
                yield return ($"{name}.bias", h, 0);
            }
        }
    }
}
