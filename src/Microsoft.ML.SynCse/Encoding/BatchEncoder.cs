using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Runs token ids through a model in batches of like length and puts the vectors back in input order.</summary>
internal static class BatchEncoder
{
    /// <summary>Encodes; memory grows with the vectors alone.</summary>
    /// <param name="model">The model; only read.</param>
    /// <param name="ids">Token ids of each sentence.</param>
    /// <param name="maxTokens">Tokens, padding included, that go through at once.</param>
    /// <param name="batchDone">Called after each batch with its sentences and tokens.</param>
    /// <param name="cancellationToken">Asked before each batch.</param>
    /// <param name="leftOut">So many tokens at the start of each sentence are no part of the pooling.</param>
    public static float[][] Encode(EncoderModel model, IReadOnlyList<int[]> ids, int maxTokens, Action<int, int>? batchDone, CancellationToken cancellationToken, int leftOut = 0)
    {
        var vectors = new float[ids.Count][];
        foreach (var indices in LengthSortedBatches.Plan([.. ids.Select(s => s.Length)], maxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sentences = Array.ConvertAll(indices, i => ids[i]);
            Run(model, sentences, leftOut, (row, vector) => vectors[indices[row]] = vector);
            batchDone?.Invoke(sentences.Length, sentences.Sum(s => s.Length));
        }
        return vectors;
    }

    /// <summary>The token ids of some of the sentences, each behind the prompt.</summary>
    public static int[][] Tokenize(EncoderModel model, IReadOnlyList<string> sentences, int start, int count, CancellationToken cancellationToken, string prompt = "")
    {
        var ids = new int[count][];
        ParallelRange.Run(count, i => ids[i] = model.Tokenizer.Encode(prompt + sentences[start + i], model.MaxSequenceLength, out _), cancellationToken);
        return ids;
    }

    private static void Run(EncoderModel model, int[][] sentences, int leftOut, Action<int, float[]> take)
    {
        using var inference = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        var batch = TokenBatch.Create(sentences, model.Tokenizer.PadId, model.Device, leftOut);
        var values = MemoryMarshal.Cast<byte, float>(model.Encode(batch).cpu().contiguous().bytes);     // (B, D)
        int size = model.Dimensions;
        for (int row = 0; row < sentences.Length; row++) take(row, values.Slice(row * size, size).ToArray());
    }
}
