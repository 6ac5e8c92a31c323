using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>The tensors a run goes on from, by group and name; those of a run itself are written and overwritten in place.</summary>
/// <param name="Weights">Of the model, and of heads that live as long as the run.</param>
/// <param name="Means">The optimizer's running means of the gradients.</param>
/// <param name="Squares">The optimizer's running means of their squares.</param>
/// <param name="Best">The best weights so far; none before the first evaluation.</param>
internal sealed record CheckpointTensors(
    IReadOnlyDictionary<string, Tensor> Weights, IReadOnlyDictionary<string, Tensor> Means, IReadOnlyDictionary<string, Tensor> Squares, IReadOnlyDictionary<string, Tensor> Best)
{
    /// <summary>The groups of a checkpoint with the name of the file that each is kept in.</summary>
    /// <param name="state">The checkpoint; before the first evaluation there are no best weights in it.</param>
    public IEnumerable<(string File, IReadOnlyDictionary<string, Tensor> Tensors)> Groups(CheckpointState state)
        => [("weights.safetensors", Weights), ("means.safetensors", Means), ("squares.safetensors", Squares), .. state.Best is null ? [] : new[] { ("best.safetensors", Best) }];
}
