using Microsoft.ML.SynCse.Encoders.Architectures;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>A layer of <see cref="PlainBert"/>: (B, T, H) to (B, T, H), attention by torch's fused function.</summary>
internal sealed class PlainBertLayer : nn.Module<Tensor, Tensor, Tensor>
{
    private const long Heads = 12;                                                                      // all-MiniLM-L6-v2's

    private readonly Linear _query, _key, _value, _attention, _inner, _outer;
    private readonly LayerNorm _attentionNorm, _outerNorm;
    private readonly nn.Module<Tensor, Tensor> _dropout;
    private readonly double _attentionDropout;

    public PlainBertLayer(IReadOnlyDictionary<string, Tensor> weights, string prefix, TransformerNetwork network) : base(
        nameof(PlainBertLayer))
    {
        Linear Linear(string name)
        {
            var weight = weights[$"{prefix}{name}.weight"];
            var linear = nn.Linear(weight.shape[1], weight.shape[0]);
            Take(linear.weight!, weight);
            Take(linear.bias!, weights[$"{prefix}{name}.bias"]);
            return linear;
        }
        LayerNorm Norm(string name)
        {
            var norm = nn.LayerNorm(network.HiddenSize, network.Epsilon);
            Take(norm.weight!, weights[$"{prefix}{name}.weight"]);
            Take(norm.bias!, weights[$"{prefix}{name}.bias"]);
            return norm;
        }
        (_query, _key, _value) = (Linear("attention.self.query"), Linear("attention.self.key"), Linear("attention.self.value"));
        (_attention, _inner, _outer) = (Linear("attention.output.dense"), Linear("intermediate.dense"), Linear("output.dense"));
        (_attentionNorm, _outerNorm) = (Norm("attention.output.LayerNorm"), Norm("output.LayerNorm"));
        (_dropout, _attentionDropout) = (nn.Dropout(network.HiddenDropout), network.AttentionDropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor hidden, Tensor mask)
    {
        using var scope = NewDisposeScope();
        long rows = hidden.shape[0], length = hidden.shape[1], size = hidden.shape[2];
        Tensor Split(Tensor x) => x.view(rows, length, Heads, size / Heads).transpose(1, 2);
        var context = F.scaled_dot_product_attention(
            Split(_query.forward(hidden)), Split(_key.forward(hidden)), Split(_value.forward(hidden)), mask, training ? _attentionDropout
            : 0, false);
        var attended = _attentionNorm.forward(
            hidden + _dropout.forward(_attention.forward(context.transpose(1, 2).reshape(rows, length, size))));
        return _outerNorm.forward(attended + _dropout.forward(_outer.forward(F.gelu(_inner.forward(attended))))).MoveToOuterDisposeScope();
    }

    private static void Take(Parameter to, Tensor from)
    {
        using var noGradients = no_grad();
        to.copy_(from);
    }
}
