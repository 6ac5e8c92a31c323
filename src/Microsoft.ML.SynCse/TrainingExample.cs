namespace Microsoft.ML.SynCse;

/// <summary>One row of contrastive training data.</summary>
/// <param name="Anchor">The sentence itself.</param>
/// <param name="Positives">Sentences with the anchor's meaning; none for unsupervised SimCSE. The same count in every row of a run.</param>
/// <param name="Negatives">Hard negatives; none to train on in-batch negatives alone. The same count in every row of a run.</param>
/// <param name="Weight">The row's share in the batch's mean loss; not negative, default 1.</param>
public sealed record TrainingExample(string Anchor, IReadOnlyList<string> Positives, IReadOnlyList<string> Negatives, float Weight = 1)
{
    /// <summary>The example with a triplet's one positive and one hard negative.</summary>
    /// <param name="triplet">The triplet.</param>
    public static implicit operator TrainingExample(Triplet triplet)
    {
        ArgumentNullException.ThrowIfNull(triplet);
        return new(triplet.Anchor, [triplet.Positive], [triplet.Negative]);
    }
}
