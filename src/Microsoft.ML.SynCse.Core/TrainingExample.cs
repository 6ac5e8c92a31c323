namespace Microsoft.ML.SynCse;

/// <summary>One row of contrastive training data: an anchor with its positives and hard negatives.</summary>
/// <remarks>Immutable, so it may be shared between threads. Two examples are equal when all their texts and their weights are.</remarks>
/// <param name="Anchor">The sentence itself.</param>
/// <param name="Positives">Sentences with the anchor's meaning; none for unsupervised SimCSE. Every row of a run has the same count.</param>
/// <param name="Negatives">Hard negatives: close to the anchor in words, different in meaning. None to train on in-batch negatives alone. Every row of a run has the same count.</param>
/// <param name="Weight">The row's share in the mean loss of its batch; not negative. Default: 1.</param>
/// <example><code>
/// TrainingExample[] rows = [new("My parcel has not come.", "The package is still missing.", "My parcel came early.")];
/// </code></example>
public sealed record TrainingExample(string Anchor, IReadOnlyList<string> Positives, IReadOnlyList<string> Negatives, float Weight = 1)
{
    /// <summary>A triplet: one positive and one hard negative.</summary>
    /// <param name="anchor">The sentence itself.</param>
    /// <param name="positive">A sentence with the anchor's meaning.</param>
    /// <param name="negative">The hard negative.</param>
    public TrainingExample(string anchor, string positive, string negative)
        : this(anchor, [positive], [negative])
    {
    }

    /// <summary>Whether both have the same texts in the same order, and the same weight.</summary>
    /// <param name="other">The other example.</param>
    /// <returns>True if they are equal.</returns>
    public bool Equals(TrainingExample? other)
        => other is not null && Anchor == other.Anchor && Weight.Equals(other.Weight)
            && Positives.SequenceEqual(other.Positives, StringComparer.Ordinal) && Negatives.SequenceEqual(other.Negatives, StringComparer.Ordinal);

    /// <summary>A hash of all texts and the weight.</summary>
    /// <returns>The hash.</returns>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Anchor, StringComparer.Ordinal);
        hash.Add(Weight);
        foreach (string text in Positives.Concat(Negatives)) hash.Add(text, StringComparer.Ordinal);
        return hash.ToHashCode();
    }
}
