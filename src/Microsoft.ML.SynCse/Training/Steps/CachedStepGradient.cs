using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Steps;

/// <summary>
/// Gradient caching (Gao et al., 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup"): all vectors without a graph, the loss's gradient
/// on them, then each group of chunks again with a graph. The same loss and gradients for one more forward pass and the activations of one group at a time.
/// </summary>
/// <param name="encoder">The step's encoder; it repeats a chunk's dropout exactly.</param>
/// <param name="rowsAtOnce">How many rows' worth of tokens a group holds, one chunk at least.</param>
internal sealed class CachedStepGradient(StepEncoder encoder, int rowsAtOnce) : IStepGradient
{
    /// <inheritdoc/>
    public double Backward(IReadOnlyList<int[]> sentences, int rows, int step, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        long budget = rowsAtOnce >= rows ? int.MaxValue : Math.Max(1, sentences.Sum(s => (long)s.Length) * rowsAtOnce / rows);
        // The chunks are those of the whole batch, so that dropout is the same too; a group is at least one of them.
        var plan = encoder.Plan(sentences);
        var words = WithoutGraph(() => encoder.Words(plan));
        var vectors = WithoutGraph(() => encoder.EncodeChunks(plan, words, step)).requires_grad_();
        var value = loss(vectors.index_select(0, plan.InputOrder));
        value.backward();
        // The words' gradient is as large as the vocabulary: it is gathered on the tokens and goes into the table once.
        var wordGradient = WithoutGraph(() => empty_like(words));
        foreach (var (first, count) in Groups(plan, budget)) Backward(plan, words, wordGradient, vectors.grad!, first, count, step);
        encoder.Words(plan).mul(wordGradient).sum().backward();
        return value.item<float>();
    }

    private static Tensor WithoutGraph(Func<Tensor> make)
    {
        using var noGradients = no_grad();
        return make();
    }

    /// <summary>Consecutive chunks that stay within the budget together.</summary>
    private static IEnumerable<(int First, int Count)> Groups(StepPlan plan, long budget)
    {
        for (int first = 0; first < plan.Batches.Count;)
        {
            int count = 1;
            for (long tokens = plan.Tokens(first); first + count < plan.Batches.Count && (tokens += plan.Tokens(first + count)) <= budget;) count++;
            yield return (first, count);
            first += count;
        }
    }

    private void Backward(StepPlan plan, Tensor words, Tensor wordGradient, Tensor gradient, int first, int count, int step)
    {
        using var scope = NewDisposeScope();
        long begin = Enumerable.Range(0, first).Sum(plan.Tokens), row = plan.Batches.Take(first).Sum(b => b.Rows);
        long tokens = Enumerable.Range(first, count).Sum(plan.Tokens);
        var leaf = words.narrow(0, begin, tokens).detach().requires_grad_();
        var parts = leaf.split([.. Enumerable.Range(first, count).Select(plan.Tokens)], 0);
        var network = encoder.Network();
        var sum = zeros([], device: words.device);
        for (int chunk = first; chunk < first + count; chunk++)
        {
            var batch = plan.Batches[chunk];
            sum = sum.add(encoder.Encode(network, parts[chunk - first], batch, step, chunk).mul(gradient.narrow(0, row, batch.Rows)).sum());
            row += batch.Rows;
        }
        sum.backward();
        using var noGradients = no_grad();
        wordGradient.narrow(0, begin, tokens).copy_(leaf.grad!);
    }
}
