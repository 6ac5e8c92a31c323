using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Runs token ids through a model in batches of like length and puts the vectors back in input order.</summary>
internal static class BatchEncoder
{
    // Below that a thread's matrix products are too small to run at full speed.
    private const int WorthATurn = 256;

    /// <summary>Encodes; memory grows with the vectors alone.</summary>
    /// <remarks>On a CPU, where there are batches for every core, one on each; else one batch at a time on all cores. Which it is depends on the lengths and torch's number of threads alone.</remarks>
    /// <param name="model">The model; only read.</param>
    /// <param name="ids">Token ids of each sentence.</param>
    /// <param name="maxTokens">Tokens, padding included, that go through at once.</param>
    /// <param name="batchDone">Called after each batch with its sentences and tokens, on the calling thread.</param>
    /// <param name="cancellationToken">Asked before each batch.</param>
    /// <param name="leftOut">So many tokens at the start of each sentence are no part of the pooling.</param>
    public static float[][] Encode(EncoderModel model, IReadOnlyList<int[]> ids, int maxTokens, Action<int, int>? batchDone, CancellationToken cancellationToken, int leftOut = 0)
    {
        var vectors = new float[ids.Count][];
        int[] lengths = [.. ids.Select(s => s.Length)];
        int workers = model.Device.type == DeviceType.CPU ? torch.get_num_threads() : 1;
        var small = workers > 1 ? LengthSortedBatches.Plan(lengths, Math.Min(maxTokens, Math.Max(WorthATurn, maxTokens / workers))) : [];
        // Of few batches some cores would get none, or one more than the others.
        if (small.Count >= 2 * workers)
        {
            TorchWorkers.Run(workers, small.Count, batch => Run(small[batch]), batch => Done(small[batch]), cancellationToken);
            return vectors;
        }
        foreach (var batch in LengthSortedBatches.Plan(lengths, maxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Run(batch);
            Done(batch);
        }
        return vectors;

        void Run(int[] indices) => BatchEncoder.Run(model, Array.ConvertAll(indices, i => ids[i]), leftOut, (row, vector) => vectors[indices[row]] = vector);

        void Done(int[] indices) => batchDone?.Invoke(indices.Length, indices.Sum(i => lengths[i]));
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
