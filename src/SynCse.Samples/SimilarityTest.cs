using Microsoft.ML;
using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>How well an encoder's cosines agree with people's scores.</summary>
internal static class SimilarityTest
{
    /// <summary>Spearman's correlation over all pairs, through ML.NET: two vector columns, one evaluation.</summary>
    public static double Spearman(MLContext mlContext, SentenceEncoder encoder, IDataView pairs)
    {
        var vectors = mlContext.Transforms.ApplySentenceEncoder("LeftVector", nameof(ScoredPairRow.Left), encoder)
            .Append(mlContext.Transforms.ApplySentenceEncoder("RightVector", nameof(ScoredPairRow.Right), encoder))
            .Fit(pairs).Transform(pairs);
        return mlContext.EvaluateSentenceSimilarity(vectors, nameof(ScoredPairRow.Score), "LeftVector", "RightVector").Spearman;
    }
}
