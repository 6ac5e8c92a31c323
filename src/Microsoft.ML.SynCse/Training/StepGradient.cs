using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The forward and the backward pass of one training step, over chunks of sentences of similar length.</summary>
/// <remarks>
/// The chunks give the same vectors and gradients as one padded block, with less padding. With
/// <see cref="ContrastiveTrainingOptions.GradientCacheChunk"/> the gradients are cached (Gao et al., 2021, "Scaling Deep Contrastive
/// Learning Batch Size under Memory Limited Setup"): all vectors are computed without a graph, then the gradient of the loss on these
/// vectors, then each group of chunks once more with a graph. Loss and gradients are the same. It costs one more forward pass, and holds
/// the activations of one group at a time instead of the whole batch's.
/// </remarks>
/// <param name="model">The model that is trained.</param>
/// <param name="options">The run's options.</param>
/// <param name="maxTokensPerChunk">The largest number of tokens, padding included, in a chunk of more than one sentence.</param>
internal sealed class StepGradient(
    EncoderModel model, ContrastiveTrainingOptions options, int maxTokensPerChunk = StepGradient.DefaultTokensPerChunk) : IDisposable
{
    // Enough rows to keep the matrix products busy, few enough to separate short sentences from long ones.
    public const int DefaultTokensPerChunk = 1024;

    // The second pass over the same sentences, with masked tokens, draws dropout masks of its own.
    private const int MaskedPass = 1 << 24;

    private readonly double _hiddenDropout = options.Dropout ?? model.Network.HiddenDropout;
    private readonly double _attentionDropout = options.Dropout ?? model.Network.AttentionDropout;
    private readonly Generator _generator = new(0, model.Device);

    /// <summary>Cuts the sentences of a step into chunks.</summary>
    /// <param name="sentences">The token ids of each sentence.</param>
    public StepPlan Plan(IReadOnlyList<int[]> sentences)
        => StepPlan.Create(sentences, maxTokensPerChunk, model.Tokenizer.PadId, model.Device);

    /// <summary>Encodes the sentences and adds the gradients of a loss over all their vectors to the parameters.</summary>
    /// <param name="sentences">The token ids of each sentence of the step.</param>
    /// <param name="rows">The number of rows that the sentences make.</param>
    /// <param name="step">The step, from 1; dropout depends on seed, step and chunk alone.</param>
    /// <param name="loss">From the vectors (sentences, D), before normalisation and in the order of the sentences, to a scalar.</param>
    /// <returns>The loss.</returns>
    public double Backward(IReadOnlyList<int[]> sentences, int rows, int step, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var plan = Plan(sentences);
        bool cached = options.GradientCacheChunk is not null;
        Tensor embeddings, vectors;
        using (cached ? no_grad() : null)
        {
            // One look-up for the whole step: its gradient is as large as the vocabulary, so it is made once and not once a chunk.
            embeddings = model.Network.TokenEmbeddings(plan.Ids());                                     // (tokens, E)
            using var pass = NewDisposeScope();
            var network = Network();
            var encoded = new List<Tensor>(plan.Batches.Count);
            long offset = 0;
            for (int chunk = 0; chunk < plan.Batches.Count; offset += plan.Tokens(chunk++))
            {
                using var inner = NewDisposeScope();
                var batch = plan.Batches[chunk];
                var states = network.Forward(
                    embeddings.narrow(0, offset, plan.Tokens(chunk)), batch, DropoutOf(step, chunk), model.ReadsLayer);
                encoded.Add(model.Pool(states, batch.PooledMask).MoveToOuterDisposeScope());
            }
            vectors = cat(encoded, 0).MoveToOuterDisposeScope(); // (sentences, D), in the chunks' order
        }
        if (cached) vectors.requires_grad_();
        var value = loss(vectors.index_select(0, plan.InputOrder));
        value.backward();
        if (options.GradientCacheChunk is { } rowsAtOnce)
        {
            long budget = rowsAtOnce >= rows ? int.MaxValue : Math.Max(1, sentences.Sum(s => (long)s.Length) * rowsAtOnce / rows);
            BackwardFromCache(plan, embeddings, vectors.grad!, budget, step);
        }
        return value.item<float>();
    }

    /// <summary>The output of the last layer for a chunk of masked sentences: (rows x length, H).</summary>
    public Tensor LastLayer(TokenBatch batch, int step, int chunk)
    {
        using var scope = NewDisposeScope();
        var network = Network();
        var states = network.Forward(
            network.TokenEmbeddings(batch.Ids.view(-1)), batch, DropoutOf(step, MaskedPass + chunk), layer => layer == network.LayerCount);
        return states[^1].view(-1, network.HiddenSize).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();

    // The chunks are those of the first pass, so that dropout is the same too; a group holds at least one of them.
    private void BackwardFromCache(StepPlan plan, Tensor embeddings, Tensor gradient, long budget, int step)
    {
        // The gradient of the token embeddings is as large as the vocabulary: it is gathered for each token here, and added to the table
        // once.
        Tensor embeddingGradient;
        using (no_grad()) embeddingGradient = empty_like(embeddings);
        foreach (var (first, count) in plan.Groups(budget))
            BackwardGroup(plan, embeddings, embeddingGradient, gradient, first, count, step);
        model.Network.TokenEmbeddings(plan.Ids()).mul(embeddingGradient).sum().backward();
    }

    private void BackwardGroup(StepPlan plan, Tensor embeddings, Tensor embeddingGradient, Tensor gradient, int first, int count, int step)
    {
        using var scope = NewDisposeScope();
        long begin = Enumerable.Range(0, first).Sum(plan.Tokens), row = plan.Batches.Take(first).Sum(b => b.Rows);
        long tokens = Enumerable.Range(first, count).Sum(plan.Tokens);
        var leaf = embeddings.narrow(0, begin, tokens).detach().requires_grad_();
        var parts = leaf.split([.. Enumerable.Range(first, count).Select(plan.Tokens)], 0);
        var network = Network();
        var sum = zeros([], device: embeddings.device);
        for (int chunk = first; chunk < first + count; chunk++)
        {
            var batch = plan.Batches[chunk];
            var states = network.Forward(parts[chunk - first], batch, DropoutOf(step, chunk), model.ReadsLayer);
            sum = sum.add(model.Pool(states, batch.PooledMask).mul(gradient.narrow(0, row, batch.Rows)).sum());
            row += batch.Rows;
        }
        sum.backward();
        using var noGradients = no_grad();
        embeddingGradient.narrow(0, begin, tokens).copy_(leaf.grad!);
    }

    // In bfloat16 the weights of one backward pass are made from the float32 ones here, once for all chunks; they live in the dispose
    // scope.
    private TransformerNetwork Network()
        => options.Precision == Precision.BFloat16 ? model.Network.InBFloat16(keep: false) : model.Network;

    private Dropout DropoutOf(int step, int chunk)
    {
        _generator.manual_seed(SeedMixer.Mix(options.Seed, step, chunk));
        return Dropout.From(_hiddenDropout, _attentionDropout, _generator);
    }
}

/// <summary>The sentences of a step in chunks of similar length; lives in the dispose scope in which it was made.</summary>
/// <param name="Batches">The chunks, longest sentences first.</param>
/// <param name="Rows">The indices of the sentences in each chunk.</param>
/// <param name="InputOrder">The index that brings vectors from the order of the chunks into that of the sentences: int64
/// (sentences).</param>
internal sealed record StepPlan(IReadOnlyList<TokenBatch> Batches, IReadOnlyList<int[]> Rows, Tensor InputOrder)
{
    /// <summary>Sorts sentences by length and cuts them into chunks of at most <paramref name="maxTokens"/> tokens.</summary>
    public static StepPlan Create(IReadOnlyList<int[]> sentences, int maxTokens, int padId, Device device)
    {
        var rows = LengthSortedBatches.Plan([.. sentences.Select(s => s.Length)], maxTokens);
        long[] places = new long[sentences.Count];
        long place = 0;
        foreach (int index in rows.SelectMany(r => r)) places[index] = place++;
        return new(
            [.. rows.Select(r => TokenBatch.Create(Array.ConvertAll(r, i => sentences[i]), padId, device))], rows,
            tensor(places, device: device));
    }

    /// <summary>The token ids of all chunks, one after the other: int64 (tokens, padding included).</summary>
    public Tensor Ids() => cat([.. Batches.Select(b => b.Ids.view(-1))], 0);

    /// <summary>The number of tokens, padding included, in a chunk.</summary>
    public long Tokens(int chunk) => (long)Batches[chunk].Rows * Batches[chunk].Length;

    /// <summary>Groups of consecutive chunks that together hold at most <paramref name="budget"/> tokens, or one chunk.</summary>
    public IEnumerable<(int First, int Count)> Groups(long budget)
    {
        for (int first = 0; first < Batches.Count;)
        {
            int count = 1;
            for (long tokens = Tokens(first); first + count < Batches.Count && (tokens += Tokens(first + count)) <= budget;) count++;
            yield return (first, count);
            first += count;
        }
    }
}
