namespace Microsoft.ML.SynCse.Training;

/// <summary>A figure of a step says that the run diverged; the run makes a <see cref="TrainingDivergedException"/> of it.</summary>
/// <param name="figure">Which figure, and what is wrong with it.</param>
/// <param name="weightsAreFinite">Whether the step was refused before it moved a weight, behind steps whose figures were sound.</param>
internal sealed class DivergedLossException(string figure, bool weightsAreFinite) : Exception(figure)
{
    /// <summary>Whether the weights may still be of use.</summary>
    public bool WeightsAreFinite { get; } = weightsAreFinite;
}
