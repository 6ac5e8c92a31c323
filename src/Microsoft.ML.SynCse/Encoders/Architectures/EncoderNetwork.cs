using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>A transformer encoder: token ids to hidden states. An architecture is a subclass and one line in <see cref="EncoderArchitectures"/>.</summary>
/// <remarks>Forward passes only read the weights, so several threads may run them at once.</remarks>
internal abstract class EncoderNetwork(EncoderWeights weights) : IDisposable
{
    /// <summary>The weights, which belong to the network.</summary>
    public EncoderWeights Weights { get; } = weights;

    /// <summary>H: the length of a token's vector.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>The number of transformer layers.</summary>
    public abstract int LayerCount { get; }

    /// <summary>The longest sentence the positions allow, special tokens included.</summary>
    public abstract int MaxTokens { get; }

    /// <summary>The number of token ids.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The model's own dropout in hidden layers.</summary>
    public abstract double HiddenDropout { get; }

    /// <summary>The model's own dropout in attention weights.</summary>
    public abstract double AttentionDropout { get; }

    /// <summary>The layer norms' epsilon.</summary>
    public abstract double Epsilon { get; }

    /// <summary>The vector of every token id: (V, E).</summary>
    public abstract Tensor WordTable { get; }

    /// <summary>The vectors of token ids: (N) to (N, E).</summary>
    public Tensor Words(Tensor ids) => WordTable.index_select(0, ids);

    /// <summary>What the first layer reads: (B T, E) and the batch to (B T, H).</summary>
    public abstract Tensor Embed(Tensor words, TokenBatch batch, Dropout dropout);

    /// <summary>What a batch's attention sees, made once for all layers: bool, true where it looks, or float, added to the scores; broadcast to (B, h, T, T). Null: all, as it is.</summary>
    public virtual Tensor? AttentionMask(TokenBatch batch) => batch.Mask?.view(batch.Rows, 1, 1, batch.Length);

    /// <summary>One transformer layer: (B T, H) to (B T, H).</summary>
    public abstract Tensor Layer(int index, Tensor hidden, TokenBatch batch, Tensor? mask, Dropout dropout);

    /// <summary>The same network over other weights, which belong to it from here on.</summary>
    public abstract EncoderNetwork Over(EncoderWeights weights);

    /// <summary>The same network with weights of its own.</summary>
    public EncoderNetwork Clone(Device device) => Over(Weights.Clone(device));

    /// <summary>The same network with its matrix products in bfloat16; embeddings, layer norms and sums stay in float32.</summary>
    /// <param name="keep">As in <see cref="EncoderWeights.Cast"/>.</param>
    public EncoderNetwork InBFloat16(bool keep) => Over(Weights.Cast(ScalarType.BFloat16, IsLinear, keep));

    private bool IsLinear(string name)
    {
        int dot = name.LastIndexOf('.');
        return !name.StartsWith("embeddings.", StringComparison.Ordinal) && Weights.Tensors.TryGetValue($"{name[..dot]}.bias", out _) && Weights.Tensors[$"{name[..dot]}.weight"].dim() == 2;
    }

    /// <summary>Runs all layers.</summary>
    /// <param name="words">The tokens' vectors (B T, E), from <see cref="Words"/>.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="dropout">Dropout, or <see cref="Dropout.None"/>.</param>
    /// <param name="keep">Which layers' outputs to return, from 1; the others are freed as soon as the next layer has read them.</param>
    /// <returns>The kept outputs, each (B, T, H), in order of their layers.</returns>
    public IReadOnlyList<Tensor> Forward(Tensor words, TokenBatch batch, Dropout dropout, Func<int, bool> keep)
    {
        var kept = new List<Tensor>();
        using var mask = AttentionMask(batch);
        Tensor hidden;
        using (var scope = NewDisposeScope()) hidden = Embed(words, batch, dropout).MoveToOuterDisposeScope();
        bool keepHidden = false;
        for (int layer = 1; layer <= LayerCount; layer++)
        {
            Tensor next;
            using (var scope = NewDisposeScope()) next = Layer(layer - 1, hidden, batch, mask, dropout).MoveToOuterDisposeScope();
            if (!keepHidden) hidden.Dispose();
            (hidden, keepHidden) = (next, keep(layer));
            if (keepHidden) kept.Add(hidden.view(batch.Rows, batch.Length, HiddenSize));
        }
        return kept;
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
