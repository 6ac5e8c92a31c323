using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>Scores an encoder by Spearman's rank correlation between cosines and people's scores (semantic textual similarity).</summary>
/// <remarks>The methods may be called from several threads at once.</remarks>
public sealed class SentenceSimilarityEvaluator : IEncoderEvaluator
{
    private readonly IReadOnlyList<ScoredPair> _pairs;

    /// <summary>An evaluator over scored pairs.</summary>
    /// <param name="pairs">At least two pairs. Their scores must not all be equal.</param>
    /// <exception cref="ArgumentException">Fewer than two pairs, a score that is no number, or all scores equal.</exception>
    public SentenceSimilarityEvaluator(IReadOnlyList<ScoredPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (pairs.Count < 2) throw new ArgumentException(
            $"A correlation needs at least 2 scored pairs; {pairs.Count} given.", nameof(pairs));
        if (pairs.Any(p => !double.IsFinite(p.Score))) throw new ArgumentException(
            "A scored pair has a score that is not a number.", nameof(pairs));
        if (pairs.All(p => p.Score == pairs[0].Score))
            throw new ArgumentException(
                FormattableString.Invariant(
                $"All {pairs.Count} pairs have the score {pairs[0].Score}: there is nothing to correlate with."), nameof(pairs));
        _pairs = pairs;
    }

    /// <summary>Tells one set of pairs from another without showing a sentence.</summary>
    public string Fingerprint
        => $"{_pairs.Count} pairs, "
        + $"{Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(_pairs)))[..16].ToLowerInvariant()}";

    /// <inheritdoc/>
    public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(encode);
        var metrics = Measure(encode);
        cancellationToken.ThrowIfCancellationRequested();
        // all cosines equal: a collapsed encoder, the worst there is
        double score = double.IsNaN(metrics.Spearman) ? -1 : metrics.Spearman;
        return new(score, new Dictionary<string, double> { ["Spearman"] = score, ["Pearson"] = metrics.Pearson });
    }

    /// <summary>All figures of an encoder on the pairs.</summary>
    /// <param name="encode">Turns sentences into vectors, in order.</param>
    public SentenceSimilarityMetrics Measure(Func<IReadOnlyList<string>, float[][]> encode)
    {
        ArgumentNullException.ThrowIfNull(encode);
        float[][] vectors = encode([.. _pairs.Select(p => p.Left), .. _pairs.Select(p => p.Right)]);
        return new([.. _pairs.Select(p => p.Score)],
            [.. _pairs.Select((_, i) => VectorMath.Cosine(vectors[i], vectors[_pairs.Count + i]))]);
    }
}

/// <summary>Two sentences and how alike a person finds them.</summary>
/// <remarks>Immutable, so it may be shared between threads.</remarks>
/// <param name="Left">One sentence.</param>
/// <param name="Right">The other.</param>
/// <param name="Score">The likeness on any scale, higher is more alike.</param>
public sealed record ScoredPair(string Left, string Right, double Score);
