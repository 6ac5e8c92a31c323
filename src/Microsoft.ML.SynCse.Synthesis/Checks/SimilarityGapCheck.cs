using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>
/// Keeps a triplet only if an embedding model finds the positive near the anchor, and nearer than the hard negative: cos(a, p) at least a
/// floor, cos(a, p) - cos(a, n) at least a margin.
/// </summary>
/// <remarks>Immutable, so safe from several threads if the embedding model is.</remarks>
public sealed class SimilarityGapCheck : IPairScorer
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly double _margin, _floor;

    /// <summary>Makes the check.</summary>
    /// <param name="generator">The embedding model, a <c>SentenceEncoder</c> or any other; it stays the caller's.</param>
    /// <param name="margin">The least gap between the cosines of every positive and the hard negative; from -2 to 2. Default: 0.05.</param>
    /// <param name="floor">The least cosine of a positive; from -1 to 1. Default: 0.4.</param>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
    public SimilarityGapCheck(IEmbeddingGenerator<string, Embedding<float>> generator, double margin = 0.05, double floor = 0.4)
    {
        ArgumentNullException.ThrowIfNull(generator);
        if (margin is not (>= -2 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "The margin must be from -2 to 2.");
        if (floor is not (>= -1 and <= 1)) throw new ArgumentOutOfRangeException(nameof(floor), floor, "The floor must be from -1 to 1.");
        (_generator, _margin, _floor) = (generator, margin, floor);
        var metadata = generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;
        Source = $"{metadata?.ProviderName}/{EmbeddingIdentity.Of(generator)}";
    }

    /// <inheritdoc/>
    public string Name => "similarity";

    /// <inheritdoc/>
    public string Source { get; }

    /// <inheritdoc/>
    public string Thresholds => string.Create(CultureInfo.InvariantCulture, $"margin {_margin}, floor {_floor}");

    /// <inheritdoc/>
    public async Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken)
    {
        var vectors = await _generator.GenerateAsync([anchor, text], cancellationToken: cancellationToken).ConfigureAwait(false);
        return VectorMath.Cosine(vectors[0].Vector.Span, vectors[1].Vector.Span);
    }

    /// <inheritdoc/>
    public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores)
    {
        if (!double.IsFinite(score)) return "the embedding gave no number";
        if (role == SynthesisRole.Positive) return score >= _floor ? null : "too far from the anchor";
        return positiveScores.All(positive => positive - score >= _margin) ? null : "not farther than the positive by the margin";
    }
}
