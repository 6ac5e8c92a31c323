using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Export;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>One layer with the norms after the sums (Vaswani et al., 2017, section 3.1); its tensors belong to the network's
/// weights.</summary>
internal sealed class TransformerLayer(EncoderWeights weights, LayerNames names, int layer, TransformerConfiguration configuration)
{
    private readonly Part _query = new(weights, names.Prefix(layer) + names.Query);
    private readonly Part _key = new(weights, names.Prefix(layer) + names.Key);
    private readonly Part _value = new(weights, names.Prefix(layer) + names.Value);
    private readonly Part _attention = new(weights, names.Prefix(layer) + names.Attention);
    private readonly Part _attentionNorm = new(weights, names.Prefix(layer) + names.AttentionNorm);
    private readonly Part _inner = new(weights, names.Prefix(layer) + names.Inner);
    private readonly Part _outer = new(weights, names.Prefix(layer) + names.Outer);
    private readonly Part _outerNorm = new(weights, names.Prefix(layer) + names.OuterNorm);

    /// <summary>Runs the layer: (B T, H) to (B T, H).</summary>
    public Tensor Apply(Tensor hidden, TokenBatch batch, Tensor? mask, Dropout dropout)
    {
        // Between the norms, numbers have the format of the weights, which may be shorter; sums and norms are in float32.
        var input = hidden.In(_query.Type);
        var attended = _attentionNorm.Norm(
            dropout.ApplyHidden(Attend(input, batch, mask, dropout).In(hidden.dtype)).add_(hidden), configuration.Epsilon);
        var inner = Activate(_inner.Linear(attended.In(_inner.Type)));                                  // (B T, I)
        return _outerNorm.Norm(dropout.ApplyHidden(_outer.Linear(inner).In(hidden.dtype)).add_(attended), configuration.Epsilon);
    }

    /// <summary>Writes the layer: (B, T, H) to (B, T, H).</summary>
    /// <param name="modules">Writes the parts.</param>
    /// <param name="hidden">The input.</param>
    /// <param name="mask">Is added to the attention scores.</param>
    public OnnxValue Export(OnnxModules modules, OnnxValue hidden, OnnxValue mask)
    {
        var context = modules.Attention(
            _query.Export(modules, hidden), _key.Export(modules, hidden), _value.Export(modules, hidden), configuration.Heads,
            configuration.HiddenSize / configuration.Heads, mask);
        var attended = _attentionNorm.ExportNorm(
            modules, modules.Graph.Add("Add", [_attention.Export(modules, context), hidden]), configuration.Epsilon);
        var inner = modules.Activate(configuration.Activation, _inner.Export(modules, attended));
        return _outerNorm.ExportNorm(modules, modules.Graph.Add("Add", [_outer.Export(modules, inner), attended]), configuration.Epsilon);
    }

    private Tensor Attend(Tensor input, TokenBatch batch, Tensor? mask, Dropout dropout)
    {
        var query = _query.Linear(input);
        if (query.requires_grad || dropout.Attention > 0 || query.dtype == ScalarType.BFloat16)
        {
            return _attention.Linear(
                SelfAttention.Apply(query, _key.Linear(input), _value.Linear(input), configuration.Heads, batch, mask, dropout));
        }
        // Two biases need no pass of their own. The key's adds the same number to all scores of a query, which softmax does not see. The
        // value's comes out of the attention unchanged, because without dropout the attention weights sum to 1.
        var context = SelfAttention.Apply(query, _key.Product(input), _value.Product(input), configuration.Heads, batch, mask, dropout);
        return _attention.Product(context).add_(_attention.Linear(_value.Bias));
    }

    private Tensor Activate(Tensor x) => configuration.Activation switch
    {
        "gelu" => F.gelu(x, inplace: !x.requires_grad),
        "relu" => F.relu(x, !x.requires_grad),
        _ => F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh, !x.requires_grad),
    };

    // A weight and a bias.
    private sealed class Part(EncoderWeights weights, string name)
    {
        private readonly Tensor _weight = weights[name + ".weight"], _bias = weights[name + ".bias"];

        public ScalarType Type => _weight.dtype;

        public Tensor Bias => _bias;

        public Tensor Product(Tensor x) => F.linear(x, _weight);

        // With a bias, ATen's product on a CPU first fills its result with it and then adds to that, which takes longer than to add the
        // bias afterwards. In bfloat16 that would be one rounding more.
        public Tensor Linear(Tensor x) => x.device_type == TorchSharp.DeviceType.CPU && Type != ScalarType.BFloat16
            ? F.linear(x, _weight).add_(_bias) : F.linear(x, _weight, _bias);

        public OnnxValue Export(OnnxModules modules, OnnxValue x) => modules.Linear(name, x, _weight, _bias);

        public OnnxValue ExportNorm(OnnxModules modules, OnnxValue x, double epsilon)
            => modules.LayerNorm(name, x, _weight, _bias, epsilon);

        public Tensor Norm(Tensor x, double epsilon) => F.layer_norm(x, _weight.shape, _weight, _bias, epsilon);
    }
}

/// <summary>The names that an architecture gives to the parts of a layer in its files, after "Layer", in which {0} is the layer's number
/// from 0. Each part has a weight and a bias.</summary>
internal sealed record LayerNames(
    string Layer, string Query, string Key, string Value, string Attention, string AttentionNorm, string Inner,
    string Outer, string OuterNorm)
{
    /// <summary>The names of BERT, which RoBERTa, XLM-RoBERTa and ELECTRA share.</summary>
    public static LayerNames Bert { get; } = new("encoder.layer.{0}.", "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    /// <summary>The names of DistilBERT.</summary>
    public static LayerNames DistilBert { get; } = new("transformer.layer.{0}.", "attention.q_lin", "attention.k_lin", "attention.v_lin",
        "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm");

    /// <summary>The names of MPNet.</summary>
    public static LayerNames MPNet { get; } = new("encoder.layer.{0}.", "attention.attn.q", "attention.attn.k", "attention.attn.v",
        "attention.attn.o", "attention.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    /// <summary>The beginning of a layer's names.</summary>
    public string Prefix(int layer) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Layer, layer);

    /// <summary>The tensors of a layer.</summary>
    public IEnumerable<WeightSpec> Specs(int layer, long hidden, long intermediate)
    {
        string prefix = Prefix(layer);
        (string, long, long)[] parts =
        [
            (Query, hidden, hidden), (Key, hidden, hidden), (Value, hidden, hidden), (Attention, hidden, hidden),
            (Inner, intermediate, hidden), (Outer, hidden, intermediate),
        ];
        foreach (var (name, rows, columns) in parts)
        {
            yield return new($"{prefix}{name}.weight", [rows, columns]);
            yield return new($"{prefix}{name}.bias", [rows]);
        }
        foreach (string? name in new[] { AttentionNorm, OuterNorm })
        {
            yield return new($"{prefix}{name}.weight", [hidden]);
            yield return new($"{prefix}{name}.bias", [hidden]);
        }
    }
}

/// <summary>Changes between number formats inside a computation.</summary>
internal static class NumberFormats
{
    /// <summary>The tensor in a format: itself if it has that format.</summary>
    public static Tensor In(this Tensor x, ScalarType type) => x.dtype == type ? x : x.to(type);
}
