using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse;

/// <summary>Scaled dot-product attention over all tokens of a sentence (Vaswani et al., 2017, equation 1), in several heads.</summary>
internal static class SelfAttention
{
    /// <summary>Mixes the values: three times (B T, H) to (B T, H).</summary>
    /// <param name="query">What each token asks.</param>
    /// <param name="key">What each token answers to.</param>
    /// <param name="value">What each token gives.</param>
    /// <param name="heads">h.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="mask">From <see cref="EncoderNetwork.AttentionMask"/>.</param>
    /// <param name="dropout">Dropout of the attention weights.</param>
    public static Tensor Apply(Tensor query, Tensor key, Tensor value, int heads, TokenBatch batch, Tensor? mask, Dropout dropout)
    {
        long size = query.shape[1] / heads;
        Tensor Split(Tensor x) => x.view(batch.Rows, batch.Length, heads, size).transpose(1, 2);        // (B, h, T, d)
        if (mask is not null && mask.dtype != ScalarType.Bool) mask = mask.In(query.dtype);
        var mixed = dropout.Attention == 0
            ? F.scaled_dot_product_attention(Split(query), Split(key), Split(value), mask, 0, false)
            : Explicit(Split(query), Split(key), Split(value), mask, dropout);
        return mixed.transpose(1, 2).reshape(-1, heads * size);
    }

    // The fused kernel draws its dropout from the process-wide generator; ours must come from a private one.
    private static Tensor Explicit(Tensor query, Tensor key, Tensor value, Tensor? mask, Dropout dropout)
    {
        var scores = query.mul(1 / Math.Sqrt(query.shape[3])).matmul(key.transpose(2, 3)).In(ScalarTypeOf(query));  // (B, h, T, T)
        if (mask is not null) scores = mask.dtype == ScalarType.Bool ? scores.masked_fill_(mask.logical_not(), float.NegativeInfinity) : scores.add_(mask);
        return dropout.ApplyAttention(scores.softmax(-1)).In(value.dtype).matmul(value);
    }

    // Softmax over many small numbers needs more digits than bfloat16 has.
    private static ScalarType ScalarTypeOf(Tensor x) => x.dtype == ScalarType.BFloat16 ? ScalarType.Float32 : x.dtype;
}
