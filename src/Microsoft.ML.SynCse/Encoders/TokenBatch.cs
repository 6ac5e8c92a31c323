using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Sentences of similar length as one padded block of token ids; lives in the dispose scope in which it was made.</summary>
internal sealed class TokenBatch
{
    private TokenBatch(Tensor ids, Tensor? mask, Tensor? pooledMask, int rows, int length)
        => (Ids, Mask, PooledMask, Rows, Length) = (ids, mask, pooledMask, rows, length);

    /// <summary>Token ids, int64 (B, T).</summary>
    public Tensor Ids { get; }

    /// <summary>True for tokens, false for padding, bool (B, T); null if no row is padded.</summary>
    public Tensor? Mask { get; }

    /// <summary>True for the tokens that are pooled, bool (B, T): those of <see cref="Mask"/> without the tokens of a prompt that is left
    /// out; null if all are pooled.</summary>
    public Tensor? PooledMask { get; }

    /// <summary>B, the number of sentences.</summary>
    public int Rows { get; }

    /// <summary>T, the number of tokens in each row, padding included.</summary>
    public int Length { get; }

    /// <summary>Pads the rows to the longest.</summary>
    /// <param name="sentences">Token ids of each sentence, at least one id each.</param>
    /// <param name="padId">Fills short rows.</param>
    /// <param name="device">The device of the block.</param>
    /// <param name="leftOut">The number of tokens at the start of each row that are not pooled; the last token of a row always is.</param>
    public static TokenBatch Create(IReadOnlyList<int[]> sentences, int padId, Device device, int leftOut = 0)
    {
        int rows = sentences.Count, length = sentences.Max(s => s.Length);
        long[] ids = new long[rows * length];
        bool[]? mask = sentences.Any(s => s.Length < length) ? new bool[rows * length] : null;
        for (int r = 0; r < rows; r++)
        {
            int[] sentence = sentences[r];
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
        bool[] pooled = new bool[sentences.Count * length];
        for (int r = 0; r < sentences.Count; r++)
        {
            // A prompt that fills the row, without a closing token, would leave a mean of nothing.
            int count = sentences[r].Length, from = Math.Min(leftOut, count - 1);
            Array.Fill(pooled, true, r * length + from, count - from);
        }
        return pooled;
    }
}
