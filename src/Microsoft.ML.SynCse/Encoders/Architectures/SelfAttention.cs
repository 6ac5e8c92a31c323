using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>Scaled dot-product attention over all tokens of a sentence (Vaswani et al., 2017, equation 1), in several heads.</summary>
internal static class SelfAttention
{
    private const long KeysAtOnce = 16;

    /// <summary>Computes the attention: queries, keys and values, each (B T, H), to (B T, H).</summary>
    /// <param name="query">The queries, one for each token.</param>
    /// <param name="key">The keys.</param>
    /// <param name="value">The values.</param>
    /// <param name="heads">h, the number of heads.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="mask">The mask of the batch: bool, float or null (see <see cref="TransformerNetwork"/>).</param>
    /// <param name="dropout">Dropout of the attention weights.</param>
    public static Tensor Apply(Tensor query, Tensor key, Tensor value, int heads, TokenBatch batch, Tensor? mask, Dropout dropout)
    {
        long size = query.shape[1] / heads;
        Tensor Split(Tensor x, long spare = 0)                                                          // (B, h, T + spare, d)
        {
            var rows = x.view(batch.Rows, batch.Length, heads * size);
            return (spare == 0 ? rows : F.pad(rows, [0, 0, 0, spare])).view(batch.Rows, batch.Length + spare, heads, size).transpose(1, 2);
        }
        if (mask is not null && mask.dtype != ScalarType.Bool) mask = mask.In(query.dtype);
        long spare = dropout.Attention == 0 ? SpareKeys(query, batch.Length, mask) : 0;
        var mixed = dropout.Attention == 0
            ? F.scaled_dot_product_attention(
                Split(query), Split(key, spare), Split(value, spare), WithSpareKeys(mask, batch.Length, spare, query.device), 0, false)
            : Explicit(Split(query), Split(key), Split(value), mask, dropout);
        return mixed.transpose(1, 2).reshape(-1, heads * size);
    }

    // The CPU's fused kernel computes the exponentials of 16 keys at once, and those of the remaining keys one after the other in double
    // precision: for sentences of a dozen tokens that is half of its time. A few more keys, hidden by the mask, cost less.
    private static long SpareKeys(Tensor query, long keys, Tensor? mask)
    {
        long spare = -keys & (KeysAtOnce - 1);
        bool pays = spare <= KeysAtOnce / 2 || (mask is not null && keys < KeysAtOnce);
        return pays && query.device_type == TorchSharp.DeviceType.CPU && !query.requires_grad ? spare : 0;
    }

    private static Tensor? WithSpareKeys(Tensor? mask, long keys, long spare, Device device)
    {
        if (spare == 0) return mask;
        if (mask is null) return arange(keys + spare, device: device).lt(keys).view(1, 1, 1, -1);
        return F.pad(mask, [0, spare], value: mask.dtype == ScalarType.Bool ? 0 : double.NegativeInfinity);
    }

    // The fused kernel draws its dropout from the process-wide generator; ours must come from a private one.
    private static Tensor Explicit(Tensor query, Tensor key, Tensor value, Tensor? mask, Dropout dropout)
    {
        var scores = query.mul(1 / Math.Sqrt(query.shape[3])).matmul(key.transpose(2, 3)).In(ScalarTypeOf(query));  // (B, h, T, T)
        if (mask is not null)
        {
            scores = mask.dtype == ScalarType.Bool
                ? scores.masked_fill_(mask.logical_not(), float.NegativeInfinity) : scores.add_(mask);
        }
        return dropout.ApplyAttention(scores.softmax(-1)).In(value.dtype).matmul(value);
    }

    // Softmax over many small numbers needs more digits than bfloat16 has.
    private static ScalarType ScalarTypeOf(Tensor x) => x.dtype == ScalarType.BFloat16 ? ScalarType.Float32 : x.dtype;
}
