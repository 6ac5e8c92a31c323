using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>One optimizer step: clip, then AdamW (Loshchilov and Hutter, 2019) with betas 0.9 and 0.999, eps 1e-8, no decay on biases and layer norms.</summary>
internal sealed class DecoupledAdam : IDisposable
{
    private readonly Parameter[] _parameters;
    private readonly AdamW _optimizer;
    private readonly double _maxGradientNorm;

    /// <summary>An optimizer over a model's tensors, which must be parameters.</summary>
    public DecoupledAdam(EncoderModel model, double weightDecay, double maxGradientNorm)
    {
        var named = model.Parameters.Select(p => (p.Key, Value: (Parameter)p.Value)).ToArray();
        _parameters = [.. named.Select(p => p.Value)];
        _maxGradientNorm = maxGradientNorm;
        var groups = named.ToLookup(p => Decays(p.Key), p => p.Value);
        _optimizer = new AdamW(
            [new AdamW.ParamGroup(groups[true], lr: 0, weight_decay: weightDecay), new AdamW.ParamGroup(groups[false], lr: 0, weight_decay: 0)], lr: 0);
    }

    /// <summary>Scales the gradients down to the largest norm allowed.</summary>
    /// <returns>The norm before.</returns>
    public double ClipGradients()
        => nn.utils.clip_grad_norm_(_parameters.Where(HasGradient), double.IsPositiveInfinity(_maxGradientNorm) ? double.MaxValue : _maxGradientNorm);

    /// <summary>Moves the parameters and forgets the gradients.</summary>
    public void Step(double learningRate)
    {
        foreach (var group in _optimizer.ParamGroups) group.LearningRate = learningRate;
        _optimizer.step();

        // Forgotten rather than zeroed: the next backward pass then stores its gradients where it would else add them.
        foreach (var parameter in _parameters) parameter.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose() => _optimizer.Dispose();

    private static bool Decays(string name) => !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains("LayerNorm", StringComparison.Ordinal);

    private static bool HasGradient(Parameter parameter)
    {
        using var gradient = parameter.grad;
        return gradient is not null;
    }
}
