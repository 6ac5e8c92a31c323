using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using Microsoft.ML.SynCse.Encoders.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>The auxiliary masked-language-model loss (SimCSE, section 6.3): a second pass over the sentences of the step with tokens
/// hidden, which the head predicts.</summary>
/// <remarks>It goes backward chunk by chunk, so it holds the activations of one chunk, independent of the batch size.</remarks>
internal sealed class MaskedLanguageObjective(
    EncoderModel model, StepGradient gradient, MaskedLanguageHead head, ITokenMasker masker, double weight) : IDisposable
{
    /// <summary>The tensors of the head by name, which are trained too.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters
        => head.Weights.Tensors.Select(t => KeyValuePair.Create($"mlm.{t.Key}", t.Value));

    /// <summary>Adds the gradients of the weighted loss to the parameters.</summary>
    /// <param name="sentences">The token ids of each sentence.</param>
    /// <param name="step">The step, from 1.</param>
    /// <returns>The loss before its weight: the mean over all hidden tokens; 0 if none is hidden.</returns>
    public double Backward(IReadOnlyList<int[]> sentences, int step)
    {
        using var scope = NewDisposeScope();
        int[][] seen = sentences.Select(s => (int[])s.Clone()).ToArray();
        var hidden = Hide(seen, step);
        int total = hidden.Sum(places => places.Count);
        if (total == 0) return 0;
        double sum = 0;
        var plan = gradient.Plan(seen);
        for (int chunk = 0; chunk < plan.Batches.Count; chunk++)
        {
            using var inner = NewDisposeScope();
            int[] rows = plan.Rows[chunk];
            int length = plan.Batches[chunk].Length;
            var places = rows.SelectMany((sentence, row) => hidden[sentence].Select(position
                => (Place: (long)row * length + position, Token: (long)sentences[sentence][position]))).ToArray();
            if (places.Length == 0) continue;
            var indices = tensor(places.Select(p => p.Place).ToArray(), device: model.Device);
            var state = gradient.LastLayer(plan.Batches[chunk], step, chunk).index_select(0, indices);  // (M, H)
            var tokens = tensor(places.Select(p => p.Token).ToArray(), device: model.Device);
            var loss = F.cross_entropy(head.Apply(state, model.Network.TokenTable), tokens, reduction: nn.Reduction.Sum);
            loss.mul(weight / total).backward();
            sum += loss.item<float>();
        }
        return sum / total;
    }

    /// <inheritdoc/>
    public void Dispose() => head.Dispose();

    // Replaces the tokens to predict, and gives their positions in each sentence.
    private List<int>[] Hide(int[][] seen, int step)
    {
        var hidden = new List<int>[seen.Length];
        for (int sentence = 0; sentence < seen.Length; sentence++)
        {
            hidden[sentence] = [];
            for (int position = 1; position < seen[sentence].Length - 1; position++)
            {
                if (masker.Mask(sentence, position, step, seen[sentence][position]) is not { } shown) continue;
                seen[sentence][position] = shown;
                hidden[sentence].Add(position);
            }
        }
        return hidden;
    }
}

/// <summary>The head and the masking of a <see cref="MaskedLanguageObjective"/>.</summary>
/// <param name="Head">Makes the head over the network that is trained.</param>
/// <param name="Masker">Chooses the tokens to hide.</param>
internal sealed record MaskedLanguageSetup(Func<TransformerNetwork, MaskedLanguageHead> Head, ITokenMasker Masker)
{
    /// <summary>A new head and BERT's masking, both from the run's seed.</summary>
    /// <exception cref="NotSupportedException">The tokenizer has no mask token.</exception>
    public static MaskedLanguageSetup Fresh(SentenceTokenizer tokenizer, int seed)
    {
        int mask = tokenizer.MaskId ?? throw new NotSupportedException("ContrastiveTrainingOptions.MlmWeight is over 0, but the encoder's "
            + "tokenizer has no mask token ([MASK] or <mask>): set MlmWeight to 0.");
        return new(network => MaskedLanguageHead.Fresh(network, seed), new RandomTokenMasker(seed, mask, tokenizer.VocabularySize));
    }
}

/// <summary>BERT's prediction head: a linear layer, exact GELU, layer norm, and the token embeddings as decoder. It lives as long as a
/// run.</summary>
internal sealed class MaskedLanguageHead : IDisposable
{
    private const string TransformWeight = "transform.weight", TransformBias = "transform.bias";
    private const string NormWeight = "LayerNorm.weight", NormBias = "LayerNorm.bias", DecoderBias = "decoder.bias";

    private readonly double _epsilon;

    /// <summary>A head over a transform (E, H); all other tensors begin neutral.</summary>
    /// <param name="network">The network whose tokens it predicts.</param>
    /// <param name="transform">The transform, which is copied.</param>
    public MaskedLanguageHead(TransformerNetwork network, Tensor transform)
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
        Weights = fresh.Clone(network.TokenTable.device);
    }

    /// <summary>The head's tensors, with gradients on.</summary>
    public EncoderWeights Weights { get; }

    /// <summary>A head with a random transform, normal with deviation 0.02.</summary>
    public static MaskedLanguageHead Fresh(TransformerNetwork network, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)SeedMixer.Mix(seed, "mlm"));
        var transform = randn(network.TokenTable.shape[1], network.HiddenSize, dtype: ScalarType.Float32, generator: generator).mul_(0.02);
        return new(network, transform);
    }

    /// <summary>The logits of all tokens: (M, H) and the token embeddings (V, E) to (M, V).</summary>
    public Tensor Apply(Tensor hidden, Tensor tokenTable)
    {
        using var scope = NewDisposeScope();
        var transformed = F.gelu(F.linear(hidden, Weights[TransformWeight], Weights[TransformBias]));
        var normed = F.layer_norm(transformed, [transformed.shape[1]], Weights[NormWeight], Weights[NormBias], _epsilon);
        return F.linear(normed, tokenTable, Weights[DecoderBias]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}

/// <summary>Chooses the tokens that a masked language model has to predict.</summary>
internal interface ITokenMasker
{
    /// <summary>The token that is shown in place of a token.</summary>
    /// <param name="sentence">The index of the sentence in the step.</param>
    /// <param name="position">The position of the token in the sentence; never the first or the last.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="id">The token.</param>
    /// <returns>The token to show, which may be the same; null if the token is not to be predicted.</returns>
    int? Mask(int sentence, int position, int step, int id);
}

/// <summary>BERT's masking (Devlin et al., 2019, section 3.1): 15 % of the tokens, of which 80 % become the mask token, 10 % a random
/// token, and 10 % stay; drawn by seed, step, sentence and position.</summary>
internal sealed class RandomTokenMasker(int seed, int maskId, int vocabularySize) : ITokenMasker
{
    private const double Share = 0.15, Masked = 0.8, Random = 0.1;

    // The draws of one position for different purposes.
    private const int WhetherDraw = 0, HowDraw = 1, WhichDraw = 2;

    /// <inheritdoc/>
    public int? Mask(int sentence, int position, int step, int id)
    {
        if (Uniform(WhetherDraw) >= Share) return null;
        double how = Uniform(HowDraw);
        return how < Masked ? maskId : how < Masked + Random ? (int)(Draw(WhichDraw) % vocabularySize) : id;

        long Draw(int purpose) => SeedMixer.Mix(seed, step, sentence, position, purpose);
        double Uniform(int purpose) => Draw(purpose) / (double)long.MaxValue;
    }
}
