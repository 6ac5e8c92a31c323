using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>The vectors of one step by role, each (N, D); the i-th of each belongs to the i-th row.</summary>
/// <param name="Anchors">The anchors.</param>
/// <param name="Positives">The first positives of all rows, the second, and so on; at least one.</param>
/// <param name="Negatives">The first hard negatives of all rows, and so on; may be empty.</param>
internal sealed record StepVectors(Tensor Anchors, IReadOnlyList<Tensor> Positives, IReadOnlyList<Tensor> Negatives)
{
    /// <summary>Takes stacked vectors apart: all anchors, then the first positives, ..., then the first negatives, ...</summary>
    public static StepVectors Of(Tensor stacked, int rows, int positives)
    {
        var parts = stacked.split(rows, 0);
        return new(parts[0], parts[1..(1 + positives)], parts[(1 + positives)..]);
    }
}
