namespace Microsoft.ML.SynCse.Core.Evaluation;

/// <summary>Scores an encoder on held-out rows: how surely each anchor finds its positive among all held-out texts.</summary>
/// <remarks>
/// Score: the mean probability, by the contrastive loss's softmax (SynCSE, equation 1) at its usual temperature 0.05, of a row's positive
/// among all rows' positives and hard negatives. It moves where counts stand still, and an encoder that gives every sentence the same
/// vector has the least of all: one by the number of candidates. (A comparison with the row's own hard negative alone gave it one half,
/// more than a good encoder has where hard negatives lie near.) TripletAccuracy: the share of rows with cos(a,p) over cos(a,n). MeanMargin:
/// the mean of cos(a,p) - cos(a,n). Alignment: the mean squared distance of unit anchor and positive; Uniformity: the log of the mean of
/// exp(-2 squared distance) over pairs of distinct rows' unit anchors (Wang and Isola, 2020, equations 1 and 2); lower is better for both.
/// MeanReciprocalRank: of an anchor's own positive among the same candidates, as a search would rank them. Rows without a hard negative
/// take the next row's first positive for accuracy and margin. Of several positives and hard negatives a row's figures are the mean over
/// all pairs of one with the other, and its rank is that of the positive found first.
/// </remarks>
internal sealed class TripletEvaluator(IReadOnlyList<TrainingExample> rows) : IEncoderEvaluator
{
    // What compares every row with every other stops here: more rows change the figures in the third digit.
    private const int MaxComparedRows = 512, SampleSeed = 512;

    // Fixed, so that scores of runs with different temperatures compare.
    private const double Temperature = 0.05;

    /// <inheritdoc/>
    public EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default)
    {
        int count = rows.Count, positives = rows[0].Positives.Count, negatives = rows[0].Negatives.Count;
        // Anchors, then all first positives, all second ones, ..., then the hard negatives so.
        float[][] vectors = encode([
            .. rows.Select(r => r.Anchor),
            .. Enumerable.Range(0, positives).SelectMany(k => rows.Select(r => r.Positives[k])),
            .. Enumerable.Range(0, negatives).SelectMany(k => rows.Select(r => r.Negatives[k]))]);
        double correct = 0, margin = 0, alignment = 0;
        for (int i = 0; i < count; i++)
        {
            float[][] others = negatives == 0 ? [vectors[count + (i + 1) % count]]
                : [.. Enumerable.Range(1 + positives, negatives).Select(part => vectors[part * count + i])];
            double share = 1.0 / (positives * others.Length);
            for (int k = 1; k <= positives; k++)
            {
                double positiveCosine = VectorMath.Cosine(vectors[i], vectors[k * count + i]);
                alignment += (2 - 2 * positiveCosine) / positives;
                foreach (float[] negative in others)
                {
                    double gap = positiveCosine - VectorMath.Cosine(vectors[i], negative);
                    correct += gap > 0 ? share : 0;
                    margin += share * gap;
                }
            }
        }
        int[] compared = Sample(count);
        var (score, reciprocalRank) = Search(vectors, compared, count, positives, cancellationToken);
        return new(score, new Dictionary<string, double>
        {
            ["Score"] = score,
            ["TripletAccuracy"] = correct / count,
            ["MeanMargin"] = margin / count,
            ["Alignment"] = alignment / count,
            ["Uniformity"] = Uniformity(vectors, compared),
            ["MeanReciprocalRank"] = reciprocalRank,
        });
    }

    /// <summary>The rows that are compared with each other: one of each of 512 equal stretches, drawn by a fixed seed.</summary>
    /// <remarks>
    /// Rows come in the order of their file, which may be one of topics, so the sample goes over all of them; and the order may repeat
    /// itself, so it does not step evenly.
    /// </remarks>
    private static int[] Sample(int count)
    {
        int wanted = Math.Min(count, MaxComparedRows);
        return [.. Enumerable.Range(0, wanted).Select(n => Draw((long)n * count / wanted, (n + 1L) * count / wanted))];

        int Draw(long from, long to) => (int)(from + SeedMixer.Mix(SampleSeed, from) % (to - from));
    }

    // Every compared row's anchor against all compared rows' positives and hard negatives.
    private static (double Score, double MeanReciprocalRank) Search(
        float[][] vectors, int[] compared, int count, int positives, CancellationToken cancellationToken)
    {
        double score = 0, reciprocalRanks = 0;
        foreach (int i in compared)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[] own = [.. Enumerable.Range(1, positives).Select(k => VectorMath.Cosine(vectors[i], vectors[k * count + i]))];
            double nearest = own.Max(), others = 0;
            int better = 0;
            for (int part = 1; part * count < vectors.Length; part++)
            {
                foreach (int j in compared)
                {
                    if (part <= positives && j == i) continue;
                    double cosine = VectorMath.Cosine(vectors[i], vectors[part * count + j]);
                    if (cosine >= nearest) better++;
                    others += Math.Exp((cosine - 1) / Temperature);
                }
            }
            score += own.Average(cosine => 1 / (1 + others / Math.Exp((cosine - 1) / Temperature)));
            reciprocalRanks += 1.0 / (1 + better);
        }
        return (score / compared.Length, reciprocalRanks / compared.Length);
    }

    private static double Uniformity(float[][] vectors, int[] compared)
    {
        float[][] anchors = Array.ConvertAll(compared, row => vectors[row]);
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
