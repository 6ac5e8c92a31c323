namespace Microsoft.ML.SynCse;

/// <summary>One training triplet: a sentence, one that means the same, and one that looks alike but means something else.</summary>
/// <param name="Anchor">The sentence itself.</param>
/// <param name="Positive">A sentence with the anchor's meaning.</param>
/// <param name="Negative">The hard negative: close to the anchor in words, different in meaning.</param>
public sealed record Triplet(string Anchor, string Positive, string Negative);
