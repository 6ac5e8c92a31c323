using Microsoft.ML.SynCse.Encoders;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Remembers the weights with the highest score so far.</summary>
internal sealed class BestWeights(EncoderModel model) : IDisposable
{
    private readonly Dictionary<string, Tensor> _copies = new(StringComparer.Ordinal);

    /// <summary>The evaluation of the remembered weights, or null before the first; set where a run goes on.</summary>
    public TrainingEvaluation? Evaluation { get; set; }

    /// <summary>The remembered weights by name; none before the first evaluation.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _copies;

    /// <summary>Remembers the model's weights where the evaluation beats what is remembered.</summary>
    /// <returns>Whether it does.</returns>
    public bool Offer(TrainingEvaluation evaluation)
    {
        if (Evaluation is not null && !(evaluation.Score > Evaluation.Score)) return false;
        Evaluation = evaluation;
        MakeRoom();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, tensor) in model.Parameters) _copies[name].copy_(tensor);
        return true;
    }

    /// <summary>Makes the tensors that the weights are remembered in, where there are none yet.</summary>
    public void MakeRoom()
    {
        if (_copies.Count > 0) return;
        using var scope = NewDisposeScope();
        // All or none: with some of them the next call would take them for all.
        var made = model.Parameters.ToDictionary(p => p.Key, p => empty_like(p.Value, requires_grad: false), StringComparer.Ordinal);
        foreach (var (name, tensor) in made) _copies.Add(name, tensor.DetachFromDisposeScope());
    }

    /// <summary>Puts the remembered weights into the model.</summary>
    public void Restore()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, tensor) in model.Parameters) tensor.copy_(_copies[name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var copy in _copies.Values) copy.Dispose();
    }
}
