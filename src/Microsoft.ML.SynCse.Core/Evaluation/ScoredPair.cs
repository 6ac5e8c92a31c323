namespace Microsoft.ML.SynCse;

/// <summary>Two sentences and how alike a person finds them.</summary>
/// <param name="Left">One sentence.</param>
/// <param name="Right">The other.</param>
/// <param name="Score">The likeness on any scale, higher is more alike.</param>
public sealed record ScoredPair(string Left, string Right, double Score);
