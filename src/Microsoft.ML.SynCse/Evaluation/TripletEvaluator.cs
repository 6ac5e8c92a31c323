namespace Microsoft.ML.SynCse;

/// <summary>Scores an encoder on held-out rows: how surely each anchor prefers its positive to its hard negative.</summary>
/// <remarks>
/// Score: the mean of sigmoid((cos(a,p) - cos(a,n)) / 0.05), the probability the contrastive loss at its usual temperature gives the positive between the two; it moves where the
/// plain accuracy stands still. TripletAccuracy: the share of rows with cos(a,p) over cos(a,n). MeanMargin: the mean of cos(a,p) - cos(a,n).
/// Alignment: the mean squared distance of unit anchor and positive; Uniformity: the log of the mean of exp(-2 squared distance) over pairs of distinct
/// rows' unit anchors (Wang and Isola, 2020, equations 1 and 2); lower is better for both.
/// MeanReciprocalRank: of an anchor's own positive among all rows' positives and hard negatives, as a search would rank them. Rows without a hard negative take the next row's first positive.
/// Of several positives and hard negatives a row's figures are the mean over all pairs of one with the other, and its rank is that of the positive found first.
/// </remarks>
internal sealed class TripletEvaluator(IReadOnlyList<TrainingExample> rows) : IEncoderEvaluator
{
    // What compares every row with every other stops here: more rows change the figures in the third digit.
    private const int MaxComparedRows = 512;

    // Fixed, so that scores of runs with different temperatures compare.
    private const double Temperature = 0.05;

    /// <inheritdoc/>
    public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
    {
        int count = rows.Count, positives = rows[0].Positives.Count, negatives = rows[0].Negatives.Count;
        // Anchors, then all first positives, all second ones, ..., then the hard negatives so.
        var vectors = encode([
            .. rows.Select(r => r.Anchor),
            .. Enumerable.Range(0, positives).SelectMany(k => rows.Select(r => r.Positives[k])),
            .. Enumerable.Range(0, negatives).SelectMany(k => rows.Select(r => r.Negatives[k]))]);
        double score = 0, correct = 0, margin = 0, alignment = 0;
        for (int i = 0; i < count; i++)
        {
            float[][] others = negatives == 0 ? [vectors[count + (i + 1) % count]] : [.. Enumerable.Range(1 + positives, negatives).Select(part => vectors[part * count + i])];
            double share = 1.0 / (positives * others.Length);
            for (int k = 1; k <= positives; k++)
            {
                double positiveCosine = VectorMath.Cosine(vectors[i], vectors[k * count + i]);
                alignment += (2 - 2 * positiveCosine) / positives;
                foreach (var negative in others)
                {
                    double gap = positiveCosine - VectorMath.Cosine(vectors[i], negative);
                    score += share / (1 + Math.Exp(-gap / Temperature));
                    correct += gap > 0 ? share : 0;
                    margin += share * gap;
                }
            }
        }
        cancellationToken.ThrowIfCancellationRequested();
        return new(score / count, new Dictionary<string, double>
        {
            ["Score"] = score / count,
            ["TripletAccuracy"] = correct / count,
            ["MeanMargin"] = margin / count,
            ["Alignment"] = alignment / count,
            ["Uniformity"] = Uniformity(vectors.AsSpan(0, Math.Min(count, MaxComparedRows))),
            ["MeanReciprocalRank"] = MeanReciprocalRank(vectors, count, positives),
        });
    }

    private static double MeanReciprocalRank(float[][] vectors, int count, int positives)
    {
        int rows = Math.Min(count, MaxComparedRows);
        double sum = 0;
        for (int i = 0; i < rows; i++)
        {
            double own = Enumerable.Range(1, positives).Max(k => VectorMath.Cosine(vectors[i], vectors[k * count + i]));
            int better = 0;
            for (int part = 1; part * count < vectors.Length; part++)
            {
                for (int j = 0; j < rows; j++)
                    if ((part > positives || j != i) && VectorMath.Cosine(vectors[i], vectors[part * count + j]) >= own) better++;
            }
            sum += 1.0 / (1 + better);
        }
        return sum / rows;
    }

    private static double Uniformity(ReadOnlySpan<float[]> anchors)
    {
        double sum = 0;
        long pairs = 0;
        for (int i = 0; i < anchors.Length; i++)
        {
            for (int j = i + 1; j < anchors.Length; j++, pairs++)
                sum += Math.Exp(-2 * (2 - 2 * VectorMath.Cosine(anchors[i], anchors[j])));
        }
        return Math.Log(sum / pairs);
    }
}
