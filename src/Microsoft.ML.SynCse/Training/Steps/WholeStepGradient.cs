using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Steps;

/// <summary>One forward pass over all chunks, one backward pass: holds the activations of the whole batch.</summary>
internal sealed class WholeStepGradient(StepEncoder encoder) : IStepGradient
{
    /// <inheritdoc/>
    public double Backward(IReadOnlyList<int[]> sentences, int rows, int step, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var value = loss(encoder.Encode(encoder.Plan(sentences), step));
        value.backward();
        return value.item<float>();
    }
}
