namespace Microsoft.ML.SynCse;

/// <summary>What kind of rows a run was trained on.</summary>
public enum TrainingMode
{
    /// <summary>Anchors alone: unsupervised SimCSE, two dropout passes of the same sentence are the positive pair.</summary>
    Unsupervised,

    /// <summary>Anchor and positive; the other rows' positives are the negatives.</summary>
    Pairs,

    /// <summary>Anchor, positive and hard negative.</summary>
    Triplets,
}
