using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>The contrastive loss of SynCSE and supervised SimCSE.</summary>
/// <remarks>
/// For row i of N, cosine s, temperature tau, alpha = exp(hard-negative weight): <c>L_i = -log( e^{s(a_i,p_i)/tau} / sum_j (
/// e^{s(a_i,p_j)/tau} + alpha^{[i=j]} e^{s(a_i,n_j)/tau} ) )</c> (SynCSE, equation 1; the weight from SimCSE, section 6.3). With several
/// hard negatives for each row, the sum goes over all of them. With several positives, L_i is the mean over k of the loss with the k-th
/// positives as p. The loss of the batch is the mean of L_i, weighted by the rows' weights.
/// </remarks>
/// <param name="temperature">tau.</param>
/// <param name="hardNegativeWeight">Added to the logits of a row's own hard negatives.</param>
internal sealed class InfoNceLoss(double temperature, double hardNegativeWeight)
{
    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="vectors">The vectors of the step.</param>
    /// <param name="weights">The weights of the rows (N); null if all are equal.</param>
    /// <param name="masked">True for the columns that are left out of a row's sum (N, (K + M) N); first the columns of all positives, then
    /// those of all hard negatives. Null for none.</param>
    /// <returns>A scalar.</returns>
    public Tensor Compute(StepVectors vectors, Tensor? weights = null, Tensor? masked = null)
    {
        using var scope = NewDisposeScope();
        long rows = vectors.Anchors.shape[0];
        int positives = vectors.Positives.Count;
        var logits = Logits(vectors, rows);                                                             // (N, (K + M) N)
        if (masked is not null) logits = logits.masked_fill(masked, float.NegativeInfinity);
        var blocks = logits.split(rows, 1);
        var target = arange(rows, dtype: ScalarType.Int64, device: logits.device);
        var losses = Enumerable.Range(0, positives)
            .Select(k => RowLoss(positives == 1 ? logits : cat([blocks[k], .. blocks[positives..]], 1), target, weights));
        return losses.Aggregate((a, b) => a.add(b)).div(positives).MoveToOuterDisposeScope();
    }

    private Tensor Logits(StepVectors vectors, long rows)
    {
        var candidates = cat([.. vectors.Positives, .. vectors.Negatives], 0);                          // ((K + M) N, D)
        var logits = Unit(vectors.Anchors).matmul(Unit(candidates).t()).div(temperature);
        if (vectors.Negatives.Count == 0 || hardNegativeWeight == 0) return logits;
        var own = eye(rows, dtype: logits.dtype, device: logits.device).mul_(hardNegativeWeight);
        var none = zeros(rows, rows * vectors.Positives.Count, dtype: logits.dtype, device: logits.device);
        return logits.add(cat([none, .. Enumerable.Repeat(own, vectors.Negatives.Count)], 1));
    }

    private static Tensor RowLoss(Tensor logits, Tensor target, Tensor? weights)
    {
        if (weights is null) return F.cross_entropy(logits, target);
        var losses = F.cross_entropy(logits, target, reduction: nn.Reduction.None);
        return losses.mul(weights).sum().div(weights.sum().clamp_min(1e-30));                           // a batch of rows of weight 0: 0
    }

    private static Tensor Unit(Tensor x) => F.normalize(x, 2, 1, 1e-8);
}

/// <summary>The vectors of one step by role, each (N, D); the i-th of each belongs to the i-th row.</summary>
/// <param name="Anchors">The anchors.</param>
/// <param name="Positives">The first positives of all rows, the second, and so on; at least one.</param>
/// <param name="Negatives">The first hard negatives of all rows, and so on; may be empty.</param>
internal sealed record StepVectors(Tensor Anchors, IReadOnlyList<Tensor> Positives, IReadOnlyList<Tensor> Negatives)
{
    /// <summary>Splits stacked vectors: all anchors, then the first positives, ..., then the first negatives, ...</summary>
    public static StepVectors Of(Tensor stacked, int rows, int positives)
    {
        var parts = stacked.split(rows, 0);
        return new(parts[0], parts[1..(1 + positives)], parts[(1 + positives)..]);
    }
}
