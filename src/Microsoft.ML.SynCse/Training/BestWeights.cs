using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>Remembers the weights with the highest score so far.</summary>
internal sealed class BestWeights(EncoderModel model) : IDisposable
{
    private readonly Dictionary<string, Tensor> _copies = new(StringComparer.Ordinal);

    /// <summary>The evaluation of the remembered weights, or null before the first.</summary>
    public TrainingEvaluation? Evaluation { get; private set; }

    /// <summary>Remembers the model's weights where the evaluation beats what is remembered.</summary>
    public void Offer(TrainingEvaluation evaluation)
    {
        if (Evaluation is not null && !(evaluation.Score > Evaluation.Score)) return;
        Evaluation = evaluation;
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, tensor) in model.Parameters)
        {
            if (_copies.TryGetValue(name, out var copy)) copy.copy_(tensor);
            else _copies[name] = tensor.detach().clone().DetachFromDisposeScope();
        }
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
