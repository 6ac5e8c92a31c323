using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Sentences of like length as one padded block of token ids; lives in the dispose scope it was made in.</summary>
internal sealed class TokenBatch
{
    private TokenBatch(Tensor ids, Tensor? mask, Tensor? pooledMask, int rows, int length)
        => (Ids, Mask, PooledMask, Rows, Length) = (ids, mask, pooledMask, rows, length);

    /// <summary>Token ids, int64 (B, T).</summary>
    public Tensor Ids { get; }

    /// <summary>True where a token is, bool (B, T); null where no row is padded.</summary>
    public Tensor? Mask { get; }

    /// <summary>True where a token counts in the pooling, bool (B, T): as <see cref="Mask"/>, less the tokens of a prompt that is left out; null where all count.</summary>
    public Tensor? PooledMask { get; }

    /// <summary>B.</summary>
    public int Rows { get; }

    /// <summary>T.</summary>
    public int Length { get; }

    /// <summary>Pads the rows to the longest.</summary>
    /// <param name="sentences">Token ids of each sentence, at least one id each.</param>
    /// <param name="padId">Fills short rows.</param>
    /// <param name="device">Where the block goes.</param>
    /// <param name="leftOut">So many tokens at the start of each row are no part of the pooling; a row's last token always is.</param>
    public static TokenBatch Create(IReadOnlyList<int[]> sentences, int padId, Device device, int leftOut = 0)
    {
        int rows = sentences.Count, length = sentences.Max(s => s.Length);
        var ids = new long[rows * length];
        bool[]? mask = sentences.Any(s => s.Length < length) ? new bool[rows * length] : null;
        for (int r = 0; r < rows; r++)
        {
            var sentence = sentences[r];
            int start = r * length;
            for (int t = 0; t < sentence.Length; t++) ids[start + t] = sentence[t];
            if (mask is null) continue;
            for (int t = sentence.Length; t < length; t++) ids[start + t] = padId;
            Array.Fill(mask, true, start, sentence.Length);
        }
        var maskTensor = mask is null ? null : tensor(mask, [rows, length], device: device);
        return new(
            tensor(ids, [rows, length], device: device),
            maskTensor,
            leftOut == 0 ? maskTensor : tensor(Pooled(sentences, length, leftOut), [rows, length], device: device),
            rows, length);
    }

    private static bool[] Pooled(IReadOnlyList<int[]> sentences, int length, int leftOut)
    {
        var pooled = new bool[sentences.Count * length];
        for (int r = 0; r < sentences.Count; r++)
        {
            // A prompt that fills the row, without a closing token, would leave a mean of nothing.
            int count = sentences[r].Length, from = Math.Min(leftOut, count - 1);
            Array.Fill(pooled, true, r * length + from, count - from);
        }
        return pooled;
    }
}
