using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>Sentences of like length as one padded block of token ids; lives in the dispose scope it was made in.</summary>
internal sealed class TokenBatch
{
    private TokenBatch(Tensor ids, Tensor? mask, int rows, int length) => (Ids, Mask, Rows, Length) = (ids, mask, rows, length);

    /// <summary>Token ids, int64 (B, T).</summary>
    public Tensor Ids { get; }

    /// <summary>True where a token is, bool (B, T); null where no row is padded.</summary>
    public Tensor? Mask { get; }

    /// <summary>B.</summary>
    public int Rows { get; }

    /// <summary>T.</summary>
    public int Length { get; }

    /// <summary>Pads the rows to the longest.</summary>
    /// <param name="sentences">Token ids of each sentence, at least one id each.</param>
    /// <param name="padId">Fills short rows.</param>
    /// <param name="device">Where the block goes.</param>
    public static TokenBatch Create(IReadOnlyList<int[]> sentences, int padId, Device device)
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
        return new(
            tensor(ids, [rows, length], device: device),
            mask is null ? null : tensor(mask, [rows, length], device: device),
            rows, length);
    }
}
