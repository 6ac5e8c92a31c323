namespace Microsoft.ML.SynCse;

/// <summary>A figure of a step says that the run diverged; the run makes a <see cref="TrainingDivergedException"/> of it.</summary>
/// <param name="figure">Which figure, and what is wrong with it.</param>
internal sealed class DivergedLossException(string figure) : Exception(figure);
