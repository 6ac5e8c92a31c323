using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>The contrastive loss of SynCSE and supervised SimCSE.</summary>
/// <remarks>
/// For row i of N, cosine s, temperature tau, alpha = exp(hard-negative weight):
/// <c>L_i = -log( e^{s(a_i,p_i)/tau} / sum_j ( e^{s(a_i,p_j)/tau} + alpha^{[i=j]} e^{s(a_i,n_j)/tau} ) )</c>
/// (SynCSE, equation 1; the weight from SimCSE, section 6.3). With several hard negatives a row the sum goes over all of them; with several positives
/// L_i is the mean over k of the loss in which the k-th positives stand for p. The batch's loss is the mean of L_i by the rows' weights.
/// </remarks>
/// <param name="temperature">tau.</param>
/// <param name="hardNegativeWeight">Added to the logits of a row's own hard negatives.</param>
internal sealed class InfoNceLoss(double temperature, double hardNegativeWeight)
{
    /// <summary>Computes the loss.</summary>
    /// <param name="vectors">The step's vectors.</param>
    /// <param name="weights">The rows' weights (N); null where all are equal.</param>
    /// <param name="masked">True where a column is left out of a row's sum (N, (K + M) N), columns in the order of all positives, then all negatives; null: none.</param>
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
        var losses = Enumerable.Range(0, positives).Select(k => RowLoss(positives == 1 ? logits : cat([blocks[k], .. blocks[positives..]], 1), target, weights));
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
