using System.Runtime.InteropServices;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Encoders.Architectures;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>The whole of an encoder as one value: tokenizer, network, pooling, heads, normalisation. Owns its tensors.</summary>
internal sealed class EncoderModel : IEncoderModel
{
    public required ModelConfiguration Configuration { get; init; }

    public required SentenceTokenizer Tokenizer { get; init; }

    public required EncoderNetwork Network { get; init; }

    public required Pooling Pooling { get; init; }

    public required IReadOnlyList<DenseHead> Heads { get; init; }

    public required bool Normalize { get; init; }

    public required bool LowerCase { get; init; }

    public required int MaxSequenceLength { get; init; }

    public required EncoderPrompts Prompts { get; init; }

    /// <summary>The lengths that vectors may be cut to, rising.</summary>
    public required IReadOnlyList<int> MatryoshkaDimensions { get; init; }

    public required Device Device { get; init; }

    // The network in which vectors are computed where that is another than the one that is saved.
    private EncoderNetwork? _computing;

    /// <summary>The length of a vector.</summary>
    public int Dimensions => Heads.Count > 0 ? Heads[^1].OutputSize : Network.HiddenSize;

    /// <inheritdoc/>
    public int Workers => Device.type == DeviceType.CPU ? get_num_threads() : 1;

    /// <summary>Every tensor with its name, heads behind the network.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters
        => Network.Weights.Tensors.Concat(Heads.SelectMany((head, i) => head.Weights.Tensors.Select(t => KeyValuePair.Create($"head.{i}.{t.Key}", t.Value))));

    /// <summary>Vectors before normalisation: tokens to (B, D).</summary>
    /// <param name="network">The network, over these weights or over the same in another format.</param>
    /// <param name="words">The tokens' vectors.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="dropout">Dropout, or none.</param>
    public Tensor Vectors(EncoderNetwork network, Tensor words, TokenBatch batch, Dropout dropout)
    {
        using var scope = NewDisposeScope();
        var states = network.Forward(words, batch, dropout, layer => Pooling.Reads(layer, Network.LayerCount));
        var pooled = Pooling.Apply(states, batch.PooledMask);
        foreach (var head in Heads) pooled = head.Apply(pooled);
        return pooled.MoveToOuterDisposeScope();
    }

    /// <summary>Vectors as a user gets them, without gradients or dropout.</summary>
    public Tensor Encode(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var vectors = Vectors(_computing ?? Network, Network.Words(batch.Ids.view(-1)), batch, Dropout.None);
        return (Normalize ? F.normalize(vectors, 2, 1, 1e-12) : vectors).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public float[][] Encode(int[][] rows, int leftOut)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Create(rows, Tokenizer.PadId, Device, leftOut);
        var values = MemoryMarshal.Cast<byte, float>(Encode(batch).cpu().contiguous().bytes);     // (B, D)
        var vectors = new float[rows.Length][];
        for (int row = 0; row < rows.Length; row++) vectors[row] = values.Slice(row * Dimensions, Dimensions).ToArray();
        return vectors;
    }

    /// <inheritdoc/>
    public void RunBatches(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
        => TorchWorkers.Run(workers, count, work, done, cancellationToken);

    /// <inheritdoc/>
    public void WriteIdentity(IModelFileSink sink) => EncoderModelFiles.WriteIdentity(this, sink);

    /// <summary>A copy with weights of its own: the pooling asked for, a further head where one is given.</summary>
    /// <param name="device">Where it goes.</param>
    /// <param name="pooling">Its pooling.</param>
    /// <param name="head">
    /// Its last head, which belongs to it from here on, or is gone where the copy cannot be made; null for none but the model's.
    /// </param>
    /// <param name="trains">Whether it will be trained: training looks at whole vectors, so what it makes may not be cut short.</param>
    public EncoderModel Clone(Device device, Pooling pooling, DenseHead? head = null, bool trains = true)
    {
        EncoderNetwork? network = null;
        var heads = new List<DenseHead>();
        try
        {
            network = Network.Clone(device);
            foreach (var own in Heads) heads.Add(own.Clone(device));
        }
        catch
        {
            network?.Dispose();
            foreach (var made in heads) made.Dispose();
            head?.Dispose();
            throw;
        }
        return new()
        {
            Configuration = Configuration,
            Tokenizer = Tokenizer,
            Network = network,
            Pooling = pooling,
            Heads = head is null ? heads : [.. heads, head],
            Normalize = Normalize,
            LowerCase = LowerCase,
            MaxSequenceLength = MaxSequenceLength,
            Prompts = Prompts,
            MatryoshkaDimensions = trains ? [] : MatryoshkaDimensions,
            Device = device,
        };
    }

    /// <summary>Sets the format in which vectors are computed from here on. Weights stay in float32 beside it, for saving and training.</summary>
    public void ComputeIn(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        _computing?.Dispose();
        _computing = null;                                              // also where there is no room for the next
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
}
