namespace Microsoft.ML.SynCse;

/// <summary>One evaluation of a training run.</summary>
/// <param name="Step">The optimizer steps taken before it; 0: the start encoder.</param>
/// <param name="Score">The evaluator's score; higher is better.</param>
/// <param name="Metrics">All figures by name.</param>
public sealed record TrainingEvaluation(int Step, double Score, IReadOnlyDictionary<string, double> Metrics);
