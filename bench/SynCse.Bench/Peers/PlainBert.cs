using Microsoft.ML.SynCse.Encoders;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>BERT as one writes it with TorchSharp's modules: (B, T) ids and mask to mean-pooled vectors (B, H), the whole block
/// padded.</summary>
internal sealed class PlainBert : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding _words, _positions, _types;
    private readonly LayerNorm _norm;
    private readonly ModuleList<PlainBertLayer> _layers;
    private readonly nn.Module<Tensor, Tensor> _dropout;

    /// <summary>With a model's weights, copied.</summary>
    public PlainBert(EncoderModel model) : base(nameof(PlainBert))
    {
        var weights = model.Network.Weights.Tensors;
        Tensor table = weights["embeddings.word_embeddings.weight"], positions = weights["embeddings.position_embeddings.weight"],
            types = weights["embeddings.token_type_embeddings.weight"];
        _words = nn.Embedding(table.shape[0], table.shape[1]);
        _positions = nn.Embedding(positions.shape[0], positions.shape[1]);
        _types = nn.Embedding(types.shape[0], types.shape[1]);
        _norm = nn.LayerNorm(table.shape[1], model.Network.Epsilon);
        _dropout = nn.Dropout(model.Network.HiddenDropout);
        _layers = [.. Enumerable.Range(0, model.Network.LayerCount)
            .Select(i => new PlainBertLayer(weights, $"encoder.layer.{i}.", model.Network))];
        RegisterComponents();
        using var noGradients = no_grad();
        _words.weight!.copy_(table);
        _positions.weight!.copy_(positions);
        _types.weight!.copy_(types);
        _norm.weight!.copy_(weights["embeddings.LayerNorm.weight"]);
        _norm.bias!.copy_(weights["embeddings.LayerNorm.bias"]);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var hidden = _words.forward(ids) + _positions.forward(arange(ids.shape[1])) + _types.forward(zeros_like(ids));
        hidden = _dropout.forward(_norm.forward(hidden));
        var attention = mask.view(ids.shape[0], 1, 1, ids.shape[1]);
        foreach (var layer in _layers) hidden = layer.forward(hidden, attention);
        var weights = mask.to(hidden.dtype).unsqueeze(2);
        return ((hidden * weights).sum(1) / weights.sum(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Pads sentences to the longest: ids (B, T) and where a token is (B, T).</summary>
    public static (Tensor Ids, Tensor Mask) Pad(IReadOnlyList<int[]> sentences, int padId)
    {
        int length = sentences.Max(s => s.Length);
        var ids = tensor(
            sentences.SelectMany(s => s.Select(id => (long)id).Concat(Enumerable.Repeat((long)padId, length - s.Length))).ToArray(),
            [sentences.Count, length]);
        return (ids, arange(length).lt(tensor(sentences.Select(s => (long)s.Length).ToArray()).unsqueeze(1)));
    }
}
