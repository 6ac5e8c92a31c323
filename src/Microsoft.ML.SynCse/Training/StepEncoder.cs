using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>Encodes the sentences of one training step in chunks of like length: same vectors and gradients as one padded block, less padding.</summary>
internal sealed class StepEncoder(EncoderModel model, ContrastiveTrainingOptions options, int maxTokensPerChunk = StepEncoder.DefaultTokensPerChunk) : IDisposable
{
    // Enough rows to keep the matrix products busy, few enough to separate short sentences from long ones.
    public const int DefaultTokensPerChunk = 1024;

    private readonly double _hiddenDropout = options.Dropout ?? model.Network.HiddenDropout;
    private readonly double _attentionDropout = options.Dropout ?? model.Network.AttentionDropout;
    private readonly Generator _generator = new(0, model.Device);

    /// <summary>Encodes with gradients.</summary>
    /// <param name="sentences">Token ids of each sentence.</param>
    /// <param name="step">The step; dropout depends on (seed, step, chunk) alone.</param>
    /// <returns>(sentences, D) in input order, before normalisation.</returns>
    public Tensor Encode(IReadOnlyList<int[]> sentences, int step)
    {
        using var scope = NewDisposeScope();
        var plan = LengthSortedBatches.Plan([.. sentences.Select(s => s.Length)], maxTokensPerChunk);
        var batches = plan.Select(rows => TokenBatch.Create(Array.ConvertAll(rows, i => sentences[i]), model.Tokenizer.PadId, model.Device)).ToArray();

        // One look-up for the whole step: its gradient is as large as the vocabulary, so it should be made once and not once a chunk.
        var words = model.Network.Words(cat([.. batches.Select(b => b.Ids.view(-1))], 0));
        var vectors = new List<Tensor>(batches.Length);
        long offset = 0;
        for (int chunk = 0; chunk < batches.Length; chunk++)
        {
            long tokens = (long)batches[chunk].Rows * batches[chunk].Length;
            vectors.Add(model.Vectors(words.narrow(0, offset, tokens), batches[chunk], DropoutOf(step, chunk)));
            offset += tokens;
        }
        return cat(vectors, 0).index_select(0, InputOrder(plan, sentences.Count)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();

    private Dropout DropoutOf(int step, int chunk)
    {
        _generator.manual_seed(SeedMixer.Mix(options.Seed, step, chunk));
        return Dropout.From(_hiddenDropout, _attentionDropout, _generator);
    }

    private Tensor InputOrder(IReadOnlyList<int[]> plan, int count)
    {
        var places = new long[count];
        long place = 0;
        foreach (int index in plan.SelectMany(rows => rows)) places[index] = place++;
        return tensor(places, device: model.Device);
    }
}
