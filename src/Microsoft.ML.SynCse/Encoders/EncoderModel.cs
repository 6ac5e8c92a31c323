using System.Runtime.InteropServices;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Encoders.Architectures;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>A whole encoder: tokenizer, network, pooling, heads, normalisation. It owns its tensors.</summary>
internal sealed class EncoderModel : IEncoderModel
{
    public required ModelConfiguration Configuration { get; init; }

    public required SentenceTokenizer Tokenizer { get; init; }

    public required TransformerNetwork Network { get; init; }

    public required Pooling Pooling { get; init; }

    public required IReadOnlyList<DenseHead> Heads { get; init; }

    public required bool Normalize { get; init; }

    public required bool LowerCase { get; init; }

    public required int MaxSequenceLength { get; init; }

    public required EncoderPrompts Prompts { get; init; }

    /// <summary>The lengths that vectors may be cut to, rising.</summary>
    public required IReadOnlyList<int> MatryoshkaDimensions { get; init; }

    public required Device Device { get; init; }

    /// <summary>How many batches are computed side by side on a CPU; null for torch's number of threads.</summary>
    public int? Threads { get; init; }

    // The network that computes vectors, if it is not the one that is saved.
    private TransformerNetwork? _computing;

    /// <summary>The length of a vector.</summary>
    public int Dimensions => Heads.Count > 0 ? Heads[^1].OutputSize : Network.HiddenSize;

    /// <inheritdoc/>
    public int Workers => Device.type != DeviceType.CPU ? 1 : Threads ?? get_num_threads();

    /// <inheritdoc/>
    public bool SharesCores => Threads is null;

    /// <summary>Every tensor with its name, first those of the network, then those of the heads.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters => Network.Weights.Tensors.Concat(
        Heads.SelectMany((head, i) => head.Weights.Tensors.Select(t => KeyValuePair.Create($"head.{i}.{t.Key}", t.Value))));

    /// <summary>Whether <see cref="Pool"/> needs the output of a layer, counted from 1.</summary>
    public bool ReadsLayer(int layer) => Pooling.Reads(layer, Network.LayerCount);

    /// <summary>From the hidden states to vectors before normalisation: pooling, then the heads.</summary>
    /// <param name="states">The outputs of the layers that <see cref="ReadsLayer"/> names, each (B, T, H).</param>
    /// <param name="mask">True for the tokens that are pooled (B, T); null for all.</param>
    /// <returns>(B, D).</returns>
    public Tensor Pool(IReadOnlyList<Tensor> states, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var pooled = Pooling.Apply(states, mask);
        foreach (var head in Heads) pooled = head.Apply(pooled);
        return pooled.MoveToOuterDisposeScope();
    }

    /// <summary>The vectors of a batch as a user gets them, without gradients or dropout: (B, D).</summary>
    public Tensor Encode(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var embeddings = Network.TokenEmbeddings(batch.Ids.view(-1));
        var vectors = Pool((_computing ?? Network).Forward(embeddings, batch, Dropout.None, ReadsLayer), batch.PooledMask);
        return (Normalize ? F.normalize(vectors, 2, 1, 1e-12) : vectors).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public float[][] Encode(int[][] rows, int leftOut)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Create(rows, Tokenizer.PadId, Device, leftOut);
        var values = MemoryMarshal.Cast<byte, float>(Encode(batch).cpu().contiguous().bytes);     // (B, D)
        float[][] vectors = new float[rows.Length][];
        for (int row = 0; row < rows.Length; row++) vectors[row] = values.Slice(row * Dimensions, Dimensions).ToArray();
        return vectors;
    }

    /// <inheritdoc/>
    public void RunBatches(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
        => TorchWorkers.Run(workers, count, work, done, cancellationToken);

    /// <inheritdoc/>
    public void WriteIdentity(IModelFileSink sink) => EncoderModelFiles.WriteIdentity(this, sink);

    /// <summary>A copy with weights of its own, gradients on.</summary>
    /// <param name="device">The device of the copy.</param>
    /// <param name="pooling">The pooling of the copy.</param>
    /// <param name="head">A further head after the model's, or null. It belongs to the copy, and is disposed if the copy cannot be
    /// made.</param>
    /// <param name="trains">Whether the copy will be trained: training looks at whole vectors, so its vectors may not be cut short.</param>
    public EncoderModel Clone(Device device, Pooling pooling, DenseHead? head = null, bool trains = true)
        => Build(() => Network.Clone(device), Heads.Select(own => new Func<DenseHead>(() => own.Clone(device))), device, pooling, head,
            trains ? [] : MatryoshkaDimensions);

    /// <summary>Copies the weights into managed memory.</summary>
    /// <returns>A function that makes a model of the copy; it may be called several times, and after this model is disposed.</returns>
    public Func<EncoderModel> Snapshot()
    {
        var network = Network.Weights.Snapshot();
        var heads = Heads.Select(head => (Head: head, Weights: head.Weights.Snapshot())).ToArray();
        return () => Build(
            () => Network.WithWeights(network(Device)), heads.Select(h => new Func<DenseHead>(() => h.Head.WithWeights(h.Weights(Device)))),
            Device, Pooling, null, MatryoshkaDimensions);
    }

    /// <summary>Sets the number format in which vectors are computed from here on. The float32 weights stay, for saving and
    /// training.</summary>
    public void ComputeIn(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        _computing?.Dispose();
        _computing = null;                                              // also if the next does not fit
        if (precision == Precision.BFloat16) _computing = Network.InBFloat16(keep: true);
    }

    /// <summary>Ends the gradients: the model only encodes from here on.</summary>
    public void Freeze()
    {
        Network.Weights.Freeze();
        foreach (var head in Heads) head.Weights.Freeze();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _computing?.Dispose();
        Network.Dispose();
        foreach (var head in Heads) head.Dispose();
    }

    private EncoderModel Build(
        Func<TransformerNetwork> makeNetwork, IEnumerable<Func<DenseHead>> makeHeads, Device device, Pooling pooling, DenseHead? last,
        IReadOnlyList<int> matryoshkaDimensions)
    {
        TransformerNetwork? network = null;
        var heads = new List<DenseHead>();
        try
        {
            network = makeNetwork();
            foreach (var make in makeHeads) heads.Add(make());
        }
        catch
        {
            network?.Dispose();
            foreach (var made in heads) made.Dispose();
            last?.Dispose();
            throw;
        }
        return new()
        {
            Configuration = Configuration,
            Tokenizer = Tokenizer,
            Network = network,
            Pooling = pooling,
            Heads = last is null ? heads : [.. heads, last],
            Normalize = Normalize,
            LowerCase = LowerCase,
            MaxSequenceLength = MaxSequenceLength,
            Prompts = Prompts,
            MatryoshkaDimensions = matryoshkaDimensions,
            Device = device,
            Threads = Threads,
        };
    }
}

/// <summary>Threads on which torch computes with one core each, so that whole batches run side by side. If one batch uses all cores, their
/// threads wait for each other after every operation.</summary>
internal static class TorchWorkers
{
    private static readonly WorkerThreads _threads = new("SynCse encoding", static () =>
    {
        torch.get_num_threads(); // the first use of torch on a thread sets its number to the process's
        torch.set_num_threads(1);
    });

    /// <inheritdoc cref="WorkerThreads.Run"/>
    public static void Run(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
    {
        int own = torch.get_num_threads();
        // Each thread has a number of its own, but a thread that has not used torch yet begins with the last number that was set on any
        // thread: that must not be 1.
        if (_threads.Ensure(workers)) torch.set_num_threads(own);
        _threads.Run(workers, count, work, done, cancellationToken);
    }
}
