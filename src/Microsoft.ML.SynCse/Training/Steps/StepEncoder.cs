using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Steps;

/// <summary>Encodes the sentences of one training step in chunks of like length: same vectors and gradients as one padded block, less padding.</summary>
internal sealed class StepEncoder(EncoderModel model, ContrastiveTrainingOptions options, int maxTokensPerChunk = StepEncoder.DefaultTokensPerChunk) : IDisposable
{
    // Enough rows to keep the matrix products busy, few enough to separate short sentences from long ones.
    public const int DefaultTokensPerChunk = 1024;

    // The second pass over the same sentences draws masks of its own.
    private const int MaskedPass = 1 << 24;

    private readonly double _hiddenDropout = options.Dropout ?? model.Network.HiddenDropout;
    private readonly double _attentionDropout = options.Dropout ?? model.Network.AttentionDropout;
    private readonly Generator _generator = new(0, model.Device);

    /// <summary>Cuts a step's sentences into chunks.</summary>
    /// <param name="sentences">Token ids of each sentence.</param>
    public StepPlan Plan(IReadOnlyList<int[]> sentences) => StepPlan.Create(sentences, maxTokensPerChunk, model.Tokenizer.PadId, model.Device);

    /// <summary>The vectors of all words of a plan: (tokens, E), chunks one behind the other.</summary>
    public Tensor Words(StepPlan plan) => model.Network.Words(plan.Ids());

    /// <summary>Encodes all chunks.</summary>
    /// <param name="plan">The step's sentences.</param>
    /// <param name="step">The step; dropout depends on (seed, step, chunk) alone.</param>
    /// <returns>(sentences, D) in input order, before normalisation.</returns>
    public Tensor Encode(StepPlan plan, int step)
    {
        using var scope = NewDisposeScope();
        // One look-up for the whole step: its gradient is as large as the vocabulary, so it should be made once and not once a chunk.
        return EncodeChunks(plan, Words(plan), step).index_select(0, plan.InputOrder).MoveToOuterDisposeScope();
    }

    /// <summary>Encodes all chunks from their words' vectors: (tokens, E) to (sentences, D), in the chunks' order.</summary>
    public Tensor EncodeChunks(StepPlan plan, Tensor words, int step)
    {
        using var scope = NewDisposeScope();
        var network = Network();
        var vectors = new List<Tensor>(plan.Batches.Count);
        long offset = 0;
        for (int chunk = 0; chunk < plan.Batches.Count; offset += plan.Tokens(chunk++))
            vectors.Add(Encode(network, words.narrow(0, offset, plan.Tokens(chunk)), plan.Batches[chunk], step, chunk));
        return cat(vectors, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Encodes one chunk: its words' vectors (tokens, E) to (rows, D).</summary>
    public Tensor Encode(EncoderNetwork network, Tensor words, TokenBatch batch, int step, int chunk) => model.Vectors(network, words, batch, DropoutOf(step, chunk));

    /// <summary>The network of one backward pass: in bfloat16 its weights are made from the float32 ones here, once for all chunks, and live in the dispose scope.</summary>
    public EncoderNetwork Network() => options.Precision == Precision.BFloat16 ? model.Network.InBFloat16(keep: false) : model.Network;

    /// <summary>The last layer's output for a chunk of masked sentences: (rows x length, H).</summary>
    public Tensor LastLayer(TokenBatch batch, int step, int chunk)
    {
        using var scope = NewDisposeScope();
        var network = Network();
        var states = network.Forward(network.Words(batch.Ids.view(-1)), batch, DropoutOf(step, MaskedPass + chunk), layer => layer == network.LayerCount);
        return states[^1].view(-1, network.HiddenSize).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();

    private Dropout DropoutOf(int step, int chunk)
    {
        _generator.manual_seed(SeedMixer.Mix(options.Seed, step, chunk));
        return Dropout.From(_hiddenDropout, _attentionDropout, _generator);
    }
}
