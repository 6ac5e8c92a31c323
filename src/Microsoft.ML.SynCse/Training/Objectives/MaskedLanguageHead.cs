using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>BERT's prediction head: a linear layer, exact GELU, layer norm, and the word embeddings as decoder. Lives as long as a training run.</summary>
internal sealed class MaskedLanguageHead : IDisposable
{
    private const string TransformWeight = "transform.weight", TransformBias = "transform.bias", NormWeight = "LayerNorm.weight", NormBias = "LayerNorm.bias", DecoderBias = "decoder.bias";

    private readonly double _epsilon;

    /// <summary>A head over a transform (E, H); everything else begins neutral.</summary>
    /// <param name="network">The network whose words it decodes to.</param>
    /// <param name="transform">Copied.</param>
    public MaskedLanguageHead(EncoderNetwork network, Tensor transform)
    {
        _epsilon = network.Epsilon;
        long size = transform.shape[0];
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            [TransformWeight] = transform.clone(),
            [TransformBias] = zeros(size),
            [NormWeight] = ones(size),
            [NormBias] = zeros(size),
            [DecoderBias] = zeros(network.VocabularySize),
        };
        foreach (var tensor in tensors.Values) tensor.DetachFromDisposeScope();
        using var fresh = EncoderWeights.Take(tensors, CPU);
        Weights = fresh.Clone(network.WordTable.device);
    }

    /// <summary>The head's tensors, with gradients on.</summary>
    public EncoderWeights Weights { get; }

    /// <summary>A head with a random transform, normal with deviation 0.02.</summary>
    public static MaskedLanguageHead Fresh(EncoderNetwork network, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)SeedMixer.Mix(seed, "mlm"));
        return new(network, randn(network.WordTable.shape[1], network.HiddenSize, dtype: ScalarType.Float32, generator: generator).mul_(0.02));
    }

    /// <summary>Logits of all words: (M, H) to (M, V).</summary>
    public Tensor Apply(Tensor hidden, Tensor wordTable)
    {
        using var scope = NewDisposeScope();
        var transformed = F.gelu(F.linear(hidden, Weights[TransformWeight], Weights[TransformBias]));
        var normed = F.layer_norm(transformed, [transformed.shape[1]], Weights[NormWeight], Weights[NormBias], _epsilon);
        return F.linear(normed, wordTable, Weights[DecoderBias]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
