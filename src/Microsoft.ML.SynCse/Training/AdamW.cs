using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>AdamW (Loshchilov and Hutter, 2019, algorithm 2) with betas 0.9 and 0.999 and epsilon 1e-8, after clipping of the
/// gradients.</summary>
/// <remarks>
/// Biases and layer norms have no weight decay. It runs ATen's fused step, which reads and writes weights, gradients and both running means
/// in one pass. TorchSharp has no method for that step, TorchScript has. TorchSharp's own AdamW takes only Parameter objects, whose
/// constructor leaves a tensor in its count of live tensors, and makes eight passes.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private const string Script = """
        def step(weights: List[Tensor], gradients: List[Tensor], exp_avgs: List[Tensor], exp_avg_sqs: List[Tensor], steps: List[Tensor],
                 rate: float, decay: float, scale: Tensor) -> int:
            torch._fused_adamw_(weights, gradients, exp_avgs, exp_avg_sqs, [], steps, lr=rate, beta1=0.9, beta2=0.999,
                                weight_decay=decay, eps=1e-8, amsgrad=False, maximize=False, grad_scale=scale)
            return 0

        """;

    private static readonly Lazy<jit.CompilationUnit> _compiled = new(() => jit.compile(Script.ReplaceLineEndings("\n")));

    private readonly Slot[] _slots;
    private readonly Tensor _stepCount, _scale;
    private readonly double _weightDecay, _maxGradientNorm;

    /// <summary>An optimizer of tensors by name, which must have gradients on.</summary>
    public AdamW(IEnumerable<KeyValuePair<string, Tensor>> parameters, double weightDecay, double maxGradientNorm)
    {
        (_weightDecay, _maxGradientNorm) = (weightDecay, maxGradientNorm);
        using var scope = NewDisposeScope();
        _slots = [.. parameters.Select(p => new Slot(p.Key, p.Value, Decays(p.Key)))];
        var device = _slots[0].Parameter.device;
        _stepCount = zeros(1, dtype: ScalarType.Float32, device: device);
        _scale = ones(1, dtype: ScalarType.Float32, device: device);
        // The tensors belong to the scope until all are made. They take twice the model's memory: if the last does not fit, the first must
        // go.
        foreach (var slot in _slots) slot.Detach();
        _stepCount.DetachFromDisposeScope();
        _scale.DetachFromDisposeScope();
    }

    /// <summary>The number of steps taken; set when a run is resumed.</summary>
    public int Steps { get; set; }

    /// <summary>The running means of the gradients by parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> ExpAvg => _slots.ToDictionary(s => s.Name, s => s.ExpAvg, StringComparer.Ordinal);

    /// <summary>The running means of the squared gradients by parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> ExpAvgSq => _slots.ToDictionary(s => s.Name, s => s.ExpAvgSq, StringComparer.Ordinal);

    /// <summary>Measures the global L2 norm of the gradients. If it is over the maximum, the next step scales them down to the
    /// maximum.</summary>
    /// <returns>The norm before clipping.</returns>
    public double ClipGradients()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        double norm = stack(_slots.Select(s => s.Parameter.grad).Where(g => g is not null).Select(g => g!.norm()), 0).norm().item<float>();
        _scale.fill_(Math.Max(1, (norm + 1e-6) / _maxGradientNorm));
        return norm;
    }

    /// <summary>Changes the parameters and removes their gradients.</summary>
    public void Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        _stepCount.fill_(++Steps);
        foreach (bool decays in new[] { true, false })
        {
            Slot[] slots = [.. _slots.Where(s => s.Decays == decays && s.Parameter.grad is not null)];
            if (slots.Length == 0) continue;
            Tensor[] Of(Func<Slot, Tensor> pick) => Array.ConvertAll(slots, slot => pick(slot));
            _compiled.Value.invoke("step",
                Of(s => s.Parameter), Of(s => s.Parameter.grad!), Of(s => s.ExpAvg), Of(s => s.ExpAvgSq), Of(_ => _stepCount),
                learningRate, decays ? _weightDecay : 0.0, _scale);
        }
        _scale.fill_(1);
        // Removed and not zeroed: the next backward pass then stores its gradients instead of adding them.
        foreach (var slot in _slots) slot.Parameter.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
        _stepCount.Dispose();
        _scale.Dispose();
    }

    private static bool Decays(string name) => !name.EndsWith(".bias", StringComparison.Ordinal)
        && !name.Contains("LayerNorm", StringComparison.Ordinal) && !name.Contains("layer_norm", StringComparison.Ordinal);

    // A parameter, which belongs to the model, with its two running means.
    private sealed class Slot(string name, Tensor parameter, bool decays) : IDisposable
    {
        public string Name { get; } = name;

        public Tensor Parameter { get; } = parameter;

        public bool Decays { get; } = decays;

        public Tensor ExpAvg { get; } = zeros_like(parameter, requires_grad: false);

        public Tensor ExpAvgSq { get; } = zeros_like(parameter, requires_grad: false);

        public void Detach()
        {
            ExpAvg.DetachFromDisposeScope();
            ExpAvgSq.DetachFromDisposeScope();
        }

        public void Dispose()
        {
            ExpAvg.Dispose();
            ExpAvgSq.Dispose();
        }
    }
}

/// <summary>The learning rate of each step: a linear warm-up from 0 to the peak, then a linear decay to 0.</summary>
internal sealed class LearningRateSchedule(double peak, int warmupSteps, int totalSteps)
{
    /// <summary>The rate of a step, counted from 1.</summary>
    public double At(int step)
    {
        int taken = step - 1;
        return taken < warmupSteps
            ? peak * taken / warmupSteps
            : peak * Math.Max(0, totalSteps - taken) / Math.Max(1, totalSteps - warmupSteps);
    }
}
