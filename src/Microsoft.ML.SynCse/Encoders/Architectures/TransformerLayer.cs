using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>One layer with the norms behind the sums (Vaswani et al., 2017, section 3.1); its tensors belong to the network's weights.</summary>
internal sealed class TransformerLayer(EncoderWeights weights, LayerNames names, int layer, TransformerConfiguration configuration)
{
    private readonly Part _query = new(weights, names.Prefix(layer) + names.Query), _key = new(weights, names.Prefix(layer) + names.Key), _value = new(weights, names.Prefix(layer) + names.Value);
    private readonly Part _attention = new(weights, names.Prefix(layer) + names.Attention), _attentionNorm = new(weights, names.Prefix(layer) + names.AttentionNorm);
    private readonly Part _inner = new(weights, names.Prefix(layer) + names.Inner), _outer = new(weights, names.Prefix(layer) + names.Outer), _outerNorm = new(weights, names.Prefix(layer) + names.OuterNorm);

    /// <summary>Runs the layer: (B T, H) to (B T, H).</summary>
    public Tensor Apply(Tensor hidden, TokenBatch batch, Tensor? mask, Dropout dropout)
    {
        // Between the norms the numbers are the weights', which may be shorter; sums and norms are in float32.
        var input = hidden.In(_query.Type);
        var attended = _attentionNorm.Norm(dropout.ApplyHidden(Attend(input, batch, mask, dropout).In(hidden.dtype)).add_(hidden), configuration.Epsilon);
        var inner = Activate(_inner.Linear(attended.In(_inner.Type)));                                  // (B T, I)
        return _outerNorm.Norm(dropout.ApplyHidden(_outer.Linear(inner).In(hidden.dtype)).add_(attended), configuration.Epsilon);
    }

    private Tensor Attend(Tensor input, TokenBatch batch, Tensor? mask, Dropout dropout)
    {
        var query = _query.Linear(input);
        if (query.requires_grad || dropout.Attention > 0 || query.dtype == ScalarType.BFloat16) return _attention.Linear(SelfAttention.Apply(query, _key.Linear(input), _value.Linear(input), configuration.Heads, batch, mask, dropout));
        // Two biases need no pass of their own: the key's adds the same to all scores of a query, which softmax does not see, and the value's comes out of the attention as it went in, since weights that none is dropped of sum to 1.
        var context = SelfAttention.Apply(query, _key.Product(input), _value.Product(input), configuration.Heads, batch, mask, dropout);
        return _attention.Product(context).add_(_attention.Linear(_value.Bias));
    }

    private Tensor Activate(Tensor x) => configuration.Activation switch
    {
        "gelu" => F.gelu(x, inplace: !x.requires_grad),
        "relu" => F.relu(x, !x.requires_grad),
        _ => F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh, !x.requires_grad),
    };

    /// <summary>A weight and a bias.</summary>
    private sealed class Part(EncoderWeights weights, string name)
    {
        private readonly Tensor _weight = weights[name + ".weight"], _bias = weights[name + ".bias"];

        public ScalarType Type => _weight.dtype;

        public Tensor Bias => _bias;

        public Tensor Product(Tensor x) => F.linear(x, _weight);

        // Given the bias, ATen's product on a CPU fills its result with it first and adds to that, which takes longer than adding it behind; in bfloat16 that would be one rounding more.
        public Tensor Linear(Tensor x) => x.device_type == TorchSharp.DeviceType.CPU && Type != ScalarType.BFloat16 ? F.linear(x, _weight).add_(_bias) : F.linear(x, _weight, _bias);

        public Tensor Norm(Tensor x, double epsilon) => F.layer_norm(x, _weight.shape, _weight, _bias, epsilon);
    }
}
