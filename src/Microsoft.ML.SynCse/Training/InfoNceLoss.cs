using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse;

/// <summary>The contrastive loss of SynCSE and supervised SimCSE.</summary>
/// <remarks>
/// For row i of N, cosine s, temperature tau, alpha = exp(hard-negative weight):
/// <c>L_i = -log( e^{s(a_i,p_i)/tau} / sum_j ( e^{s(a_i,p_j)/tau} + alpha^{[i=j]} e^{s(a_i,n_j)/tau} ) )</c>
/// (SynCSE, equation 1; the weight from SimCSE, section 6.3). The batch's loss is the mean of L_i by the rows' weights.
/// </remarks>
internal static class InfoNceLoss
{
    /// <summary>Computes the loss.</summary>
    /// <param name="anchors">(N, D).</param>
    /// <param name="positives">(N, D), the i-th belongs to the i-th anchor.</param>
    /// <param name="negatives">(N, D) hard negatives; null for in-batch negatives alone.</param>
    /// <param name="temperature">tau.</param>
    /// <param name="hardNegativeWeight">Added to the logit of a row's own hard negative.</param>
    /// <param name="weights">The rows' weights (N); null where all are equal.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Compute(Tensor anchors, Tensor positives, Tensor? negatives, double temperature, double hardNegativeWeight, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        long rows = anchors.shape[0];
        var candidates = negatives is null ? positives : cat([positives, negatives], 0);                // (N or 2 N, D)
        var logits = Unit(anchors).matmul(Unit(candidates).t()).div(temperature);                       // (N, N or 2 N)
        if (negatives is not null && hardNegativeWeight != 0)
        {
            var own = cat([zeros(rows, rows, dtype: logits.dtype, device: logits.device), eye(rows, dtype: logits.dtype, device: logits.device).mul_(hardNegativeWeight)], 1);
            logits = logits.add(own);
        }
        var target = arange(rows, dtype: ScalarType.Int64, device: logits.device);
        if (weights is null) return F.cross_entropy(logits, target).MoveToOuterDisposeScope();
        var losses = F.cross_entropy(logits, target, reduction: nn.Reduction.None);
        return losses.mul(weights).sum().div(weights.sum().clamp_min(1e-30)).MoveToOuterDisposeScope();     // a batch of rows of weight 0: 0
    }

    private static Tensor Unit(Tensor x) => F.normalize(x, 2, 1, 1e-8);
}
