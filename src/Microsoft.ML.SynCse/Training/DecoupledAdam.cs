using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>AdamW (Loshchilov and Hutter, 2019, algorithm 2) with betas 0.9 and 0.999 and eps 1e-8; no decay on biases and layer norms; clips first.</summary>
/// <remarks>
/// Ours rather than TorchSharp's: that one takes only Parameter objects, whose constructor leaves a tensor behind in TorchSharp's count of live tensors,
/// and it passes over all weights once more to multiply them by 1 where there is no decay.
/// </remarks>
internal sealed class DecoupledAdam : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly Slot[] _slots;
    private readonly double _weightDecay, _maxGradientNorm;

    /// <summary>An optimizer over tensors by name, which must have gradients on.</summary>
    public DecoupledAdam(IEnumerable<KeyValuePair<string, Tensor>> parameters, double weightDecay, double maxGradientNorm)
    {
        (_weightDecay, _maxGradientNorm) = (weightDecay, maxGradientNorm);
        _slots = [.. parameters.Select(p => new Slot(p.Key, p.Value, Decays(p.Key)))];
    }

    /// <summary>Steps taken; set where a run goes on.</summary>
    public int Steps { get; set; }

    /// <summary>The running means of the gradients by parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> Means => _slots.ToDictionary(s => s.Name, s => s.Mean, StringComparer.Ordinal);

    /// <summary>The running means of the squared gradients by parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> Squares => _slots.ToDictionary(s => s.Name, s => s.Square, StringComparer.Ordinal);

    /// <summary>Scales the gradients down to the largest global L2 norm allowed.</summary>
    /// <returns>The norm before.</returns>
    public double ClipGradients()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var gradients = _slots.Select(s => s.Parameter.grad).Where(g => g is not null).Select(g => g!).ToArray();
        double norm = stack(gradients.Select(g => g.norm()), 0).norm().item<float>();
        double scale = _maxGradientNorm / (norm + 1e-6);
        if (scale < 1)
            foreach (var gradient in gradients) gradient.mul_(scale);
        return norm;
    }

    /// <summary>Moves the parameters and forgets the gradients.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        Steps++;
        double correction1 = 1 - Math.Pow(Beta1, Steps), correction2 = Math.Sqrt(1 - Math.Pow(Beta2, Steps));
        foreach (var slot in _slots)
        {
            if (slot.Parameter.grad is not { } gradient) continue;
            if (slot.Decays && _weightDecay > 0) slot.Parameter.mul_(1 - learningRate * _weightDecay);
            slot.Mean.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            slot.Square.mul_(Beta2).addcmul_(gradient, gradient, value: 1 - Beta2);
            var denominator = slot.Square.sqrt().div_(correction2).add_(Epsilon);
            slot.Parameter.addcdiv_(slot.Mean, denominator, -learningRate / correction1);
            denominator.Dispose();

            // Forgotten rather than zeroed: the next backward pass then stores its gradients where it would else add them.
            slot.Parameter.grad = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
    }

    private static bool Decays(string name) => !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains("LayerNorm", StringComparison.Ordinal)
        && !name.Contains("layer_norm", StringComparison.Ordinal);

    /// <summary>A parameter, which stays the model's, with its two running means.</summary>
    private sealed class Slot(string name, Tensor parameter, bool decays) : IDisposable
    {
        public string Name { get; } = name;

        public Tensor Parameter { get; } = parameter;

        public bool Decays { get; } = decays;

        public Tensor Mean { get; } = zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();

        public Tensor Square { get; } = zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}
