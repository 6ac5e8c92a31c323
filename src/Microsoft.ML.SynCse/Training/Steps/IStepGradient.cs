using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Steps;

/// <summary>How the gradient of a loss over all of a step's vectors gets into the parameters.</summary>
internal interface IStepGradient
{
    /// <summary>Encodes the sentences and adds the loss's gradients to the parameters.</summary>
    /// <param name="sentences">Token ids of each sentence of the step.</param>
    /// <param name="rows">How many rows they make.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="loss">From the vectors (sentences, D), in input order, to a scalar.</param>
    /// <returns>The loss.</returns>
    double Backward(IReadOnlyList<int[]> sentences, int rows, int step, Func<Tensor, Tensor> loss);
}
