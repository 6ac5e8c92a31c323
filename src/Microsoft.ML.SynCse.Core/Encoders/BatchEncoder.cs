using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Sentences to vectors through a model: token ids, batches of similar length, vectors in the order of the input.</summary>
internal static class BatchEncoder
{
    // Below that many tokens the matrix products of one thread are too small to run at full speed.
    private const int FewestTokensPerWorker = 256;

    // A model that shares cores would compute too small a batch slowly. One that does not leaves a core idle without a batch of its own.
    private static int TokensPerWorker(IEncoderModel model, int[] lengths, int maxTokens)
    {
        if (model.SharesCores) return Math.Min(maxTokens, Math.Max(FewestTokensPerWorker, maxTokens / model.Workers));
        long all = lengths.Sum(length => (long)length);
        return (int)Math.Clamp(all / model.Workers, 1, maxTokens);
    }

    /// <summary>The token ids of some of the sentences, with the prompt before each.</summary>
    /// <param name="model">The model; only its tokenizer is used.</param>
    /// <param name="sentences">All sentences.</param>
    /// <param name="start">The first one to tokenize.</param>
    /// <param name="count">How many to tokenize.</param>
    /// <param name="cancellationToken">Checked between groups of sentences.</param>
    /// <param name="prompt">The text before each sentence.</param>
    /// <param name="truncated">How many sentences were longer than the model allows.</param>
    public static int[][] Tokenize(
        IEncoderModel model, IReadOnlyList<string> sentences, int start, int count, CancellationToken cancellationToken, string prompt,
            out int truncated)
    {
        int[][] ids = new int[count][];
        int cut = 0;
        ParallelRange.Run(
            count,
            i =>
            {
                ids[i] = model.Tokenizer.Encode(prompt + sentences[start + i], model.MaxSequenceLength, out bool isCut);
                if (isCut) Interlocked.Increment(ref cut);
            },
            cancellationToken);
        truncated = cut;
        return ids;
    }

    /// <summary>The vectors of sentences that were tokenized; memory grows with the vectors alone.</summary>
    /// <remarks>
    /// If there are batches for every core, or cores cannot share one, each core computes one at a time; else all cores compute one batch
    /// together. Which it is depends only on the lengths, <see cref="IEncoderModel.Workers"/> and
    /// <see cref="IEncoderModel.SharesCores"/>.
    /// </remarks>
    /// <param name="model">The model; only read.</param>
    /// <param name="ids">The token ids of each sentence.</param>
    /// <param name="maxTokens">How many tokens, padding included, are computed at once.</param>
    /// <param name="batchDone">Called after each batch with its number of sentences and of tokens, on the calling thread.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <param name="leftOut">How many tokens at the start of each sentence do not take part in the pooling.</param>
    public static float[][] Encode(
        IEncoderModel model, IReadOnlyList<int[]> ids, int maxTokens, Action<int, int>? batchDone, CancellationToken cancellationToken,
            int leftOut = 0)
    {
        float[][] vectors = new float[ids.Count][];
        int[] lengths = [.. ids.Select(s => s.Length)];
        int workers = model.Workers;
        var small = workers > 1 || !model.SharesCores
            ? LengthSortedBatches.Plan(lengths, TokensPerWorker(model, lengths, maxTokens)) : [];
        // With few batches some cores would get none, or one more than the others; then all of them rather share each batch. Where they
        // cannot, even a single batch goes to the workers, whose number is the limit for all callers together.
        if (small.Count >= (model.SharesCores ? 2 * workers : 1))
        {
            model.RunBatches(workers, small.Count, batch => Compute(small[batch]), batch => Done(small[batch]), cancellationToken);
            return vectors;
        }
        foreach (int[] batch in LengthSortedBatches.Plan(lengths, maxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Compute(batch);
            Done(batch);
        }
        return vectors;

        void Compute(int[] indices)
        {
            float[][] computed = model.Encode(Array.ConvertAll(indices, i => ids[i]), leftOut);
            for (int row = 0; row < indices.Length; row++) vectors[indices[row]] = computed[row];
        }

        void Done(int[] indices) => batchDone?.Invoke(indices.Length, indices.Sum(i => lengths[i]));
    }
}

/// <summary>Cuts sentences into batches of like length, so that little padding is computed.</summary>
internal static class LengthSortedBatches
{
    /// <summary>Plans batches; every sentence is in exactly one.</summary>
    /// <param name="lengths">Tokens of each sentence.</param>
    /// <param name="maxTokens">Rows times the longest row of a batch stays within this, except for one sentence alone.</param>
    /// <returns>Indices into <paramref name="lengths"/>, longest sentences first: what needs the most memory comes at once.</returns>
    public static IReadOnlyList<int[]> Plan(IReadOnlyList<int> lengths, int maxTokens)
    {
        // stable: equal input, equal batches
        int[] order = Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]).ToArray();
        var batches = new List<int[]>();
        for (int start = 0; start < order.Length;)
        {
            int count = Math.Clamp(maxTokens / lengths[order[start]], 1, order.Length - start);
            batches.Add(order[start..(start + count)]);
            start += count;
        }
        return batches;
    }
}

/// <summary>Does the same work for every index, on all processors if there is enough of it. An exception is not wrapped.</summary>
internal static class ParallelRange
{
    // Below some hundred sentences the threads cost more than they save.
    private const int WorthIt = 256;

    /// <summary>Calls <paramref name="work"/> for 0 to <paramref name="count"/> - 1, in any order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it began, or between two ranges.</exception>
    public static void Run(int count, Action<int> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (count < WorthIt)
        {
            for (int i = 0; i < count; i++) work(i);
            return;
        }
        try
        {
            Parallel.ForEach(
                Partitioner.Create(0, count, WorthIt / 4), new ParallelOptions { CancellationToken = cancellationToken }, range =>
            {
                for (int i = range.Item1; i < range.Item2; i++) work(i);
            });
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
