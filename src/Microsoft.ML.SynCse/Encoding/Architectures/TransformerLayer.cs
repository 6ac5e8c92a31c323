using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse;

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
        var context = SelfAttention.Apply(_query.Linear(input), _key.Linear(input), _value.Linear(input), configuration.Heads, batch, mask, dropout);
        var attended = _attentionNorm.Norm(dropout.ApplyHidden(_attention.Linear(context).In(hidden.dtype)).add_(hidden), configuration.Epsilon);
        var inner = Activate(_inner.Linear(attended.In(_inner.Type)));                                  // (B T, I)
        return _outerNorm.Norm(dropout.ApplyHidden(_outer.Linear(inner).In(hidden.dtype)).add_(attended), configuration.Epsilon);
    }

    private Tensor Activate(Tensor x) => configuration.Activation switch
    {
        "gelu" => F.gelu(x),
        "relu" => F.relu(x),
        _ => F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
    };

    /// <summary>A weight and a bias.</summary>
    private sealed class Part(EncoderWeights weights, string name)
    {
        private readonly Tensor _weight = weights[name + ".weight"], _bias = weights[name + ".bias"];

        public ScalarType Type => _weight.dtype;

        public Tensor Linear(Tensor x) => F.linear(x, _weight, _bias);

        public Tensor Norm(Tensor x, double epsilon) => F.layer_norm(x, _weight.shape, _weight, _bias, epsilon);
    }
}
