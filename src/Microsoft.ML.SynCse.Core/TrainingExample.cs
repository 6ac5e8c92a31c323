namespace Microsoft.ML.SynCse;

/// <summary>One row of contrastive training data: an anchor with its positives and hard negatives.</summary>
/// <remarks>Immutable, so it may be shared between threads. Two examples with the same texts are two objects: compare the texts.</remarks>
/// <example><code>
/// TrainingExample[] rows = [new("My parcel has not come.", "The package is still missing.", "My parcel came early.")];
/// </code></example>
public sealed class TrainingExample
{
    /// <summary>An example with any number of positives and hard negatives.</summary>
    /// <param name="anchor">The sentence itself.</param>
    /// <param name="positives">Sentences with the anchor's meaning; none for unsupervised SimCSE. Every row of a run has the same count.</param>
    /// <param name="negatives">Hard negatives; none to train on in-batch negatives alone. Every row of a run has the same count.</param>
    /// <param name="weight">The row's share in the mean loss of its batch; not negative. Default: 1.</param>
    /// <exception cref="ArgumentNullException">A text list or the anchor is null.</exception>
    public TrainingExample(string anchor, IReadOnlyList<string> positives, IReadOnlyList<string> negatives, float weight = 1)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        ArgumentNullException.ThrowIfNull(positives);
        ArgumentNullException.ThrowIfNull(negatives);
        (Anchor, Positives, Negatives, Weight) = (anchor, positives, negatives, weight);
    }

    /// <summary>A triplet: one positive and one hard negative.</summary>
    /// <param name="anchor">The sentence itself.</param>
    /// <param name="positive">A sentence with the anchor's meaning.</param>
    /// <param name="negative">The hard negative: close to the anchor in words, different in meaning.</param>
    /// <exception cref="ArgumentNullException">A text is null.</exception>
    public TrainingExample(string anchor, string positive, string negative)
        : this(anchor, [positive ?? throw new ArgumentNullException(nameof(positive))], [negative ?? throw new ArgumentNullException(nameof(negative))])
    {
    }

    /// <summary>The sentence itself.</summary>
    public string Anchor { get; }

    /// <summary>Sentences with the anchor's meaning.</summary>
    public IReadOnlyList<string> Positives { get; }

    /// <summary>Hard negatives: close to the anchor in words, different in meaning.</summary>
    public IReadOnlyList<string> Negatives { get; }

    /// <summary>The row's share in the mean loss of its batch.</summary>
    public float Weight { get; }
}
