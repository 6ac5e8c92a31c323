namespace Microsoft.ML.SynCse;

/// <summary>What an <see cref="IEncoderEvaluator"/> found.</summary>
/// <param name="Score">The figure that compares encoders; higher is better.</param>
/// <param name="Metrics">All figures by name, the score's among them.</param>
public sealed record EncoderEvaluation(double Score, IReadOnlyDictionary<string, double> Metrics);
