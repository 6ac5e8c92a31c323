using Microsoft.ML.SynCse.Core.Evaluation;

namespace Microsoft.ML.SynCse;

/// <summary>How well cosines agree with people's scores of sentence pairs.</summary>
/// <remarks>Immutable, so it may be shared between threads.</remarks>
public sealed class SentenceSimilarityMetrics
{
    internal SentenceSimilarityMetrics(IReadOnlyList<double> labels, IReadOnlyList<double> cosines)
    {
        Pairs = labels.Count;
        Spearman = Correlation.Spearman(labels, cosines);
        Pearson = Correlation.Pearson(labels, cosines);
    }

    /// <summary>The number of pairs.</summary>
    public int Pairs { get; }

    /// <summary>Spearman's rank correlation in [-1, 1], over all pairs together as the STS literature reports it; NaN where all labels or
    /// all cosines are equal.</summary>
    public double Spearman { get; }

    /// <summary>Pearson's correlation in [-1, 1]; NaN where all labels or all cosines are equal.</summary>
    public double Pearson { get; }
}
