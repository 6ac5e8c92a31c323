namespace Microsoft.ML.SynCse;

/// <summary>Scores an encoder on held-out rows: how surely each anchor prefers its positive to its hard negative.</summary>
/// <remarks>
/// Score: the mean of sigmoid((cos(a,p) - cos(a,n)) / 0.05), the probability the contrastive loss at its usual temperature gives the positive between the two; it moves where the
/// plain accuracy stands still. TripletAccuracy: the share of rows with cos(a,p) over cos(a,n). MeanMargin: the mean of cos(a,p) - cos(a,n).
/// Alignment: the mean squared distance of unit anchor and positive; Uniformity: the log of the mean of exp(-2 squared distance) over pairs of distinct
/// rows' unit anchors (Wang and Isola, 2020, equations 1 and 2); lower is better for both.
/// MeanReciprocalRank: of an anchor's own positive among all rows' positives and hard negatives, as a search would rank them. Rows without a hard negative take the next row's positive.
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
        bool hasNegatives = rows[0].Negatives.Count > 0;
        int count = rows.Count;
        var sentences = rows.Select(r => r.Anchor).Concat(rows.Select(r => r.Positives[0]));
        var vectors = encode([.. hasNegatives ? sentences.Concat(rows.Select(r => r.Negatives[0])) : sentences]);
        double score = 0, correct = 0, margin = 0, alignment = 0;
        for (int i = 0; i < count; i++)
        {
            var negative = hasNegatives ? vectors[2 * count + i] : vectors[count + (i + 1) % count];
            double positiveCosine = VectorMath.Cosine(vectors[i], vectors[count + i]);
            double gap = positiveCosine - VectorMath.Cosine(vectors[i], negative);
            score += 1 / (1 + Math.Exp(-gap / Temperature));
            correct += gap > 0 ? 1 : 0;
            margin += gap;
            alignment += 2 - 2 * positiveCosine;
        }
        cancellationToken.ThrowIfCancellationRequested();
        return new(score / count, new Dictionary<string, double>
        {
            ["Score"] = score / count,
            ["TripletAccuracy"] = correct / count,
            ["MeanMargin"] = margin / count,
            ["Alignment"] = alignment / count,
            ["Uniformity"] = Uniformity(vectors.AsSpan(0, Math.Min(count, MaxComparedRows))),
            ["MeanReciprocalRank"] = MeanReciprocalRank(vectors, count),
        });
    }

    private static double MeanReciprocalRank(float[][] vectors, int count)
    {
        int rows = Math.Min(count, MaxComparedRows);
        double sum = 0;
        for (int i = 0; i < rows; i++)
        {
            double own = VectorMath.Cosine(vectors[i], vectors[count + i]);
            int better = 0;
            for (int part = count; part < vectors.Length; part += count)
            {
                for (int j = 0; j < rows; j++)
                    if ((part > count || j != i) && VectorMath.Cosine(vectors[i], vectors[part + j]) >= own) better++;
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
