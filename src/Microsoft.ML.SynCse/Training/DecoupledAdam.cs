using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>AdamW (Loshchilov and Hutter, 2019, algorithm 2) with betas 0.9 and 0.999 and eps 1e-8; no decay on biases and layer norms; clips first.</summary>
/// <remarks>
/// ATen's fused step, which goes over weights, gradients and both means once; TorchSharp has no name for it, TorchScript has.
/// TorchSharp's own AdamW takes only Parameter objects, whose constructor leaves a tensor behind in its count of live tensors, and goes over everything eight times.
/// </remarks>
internal sealed class DecoupledAdam : IDisposable
{
    private const string Script = """
        def step(weights: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor], rate: float, decay: float, scale: Tensor) -> int:
            torch._fused_adamw_(weights, gradients, means, squares, [], steps, lr=rate, beta1=0.9, beta2=0.999, weight_decay=decay, eps=1e-8, amsgrad=False, maximize=False, grad_scale=scale)
            return 0

        """;

    private static readonly Lazy<jit.CompilationUnit> Compiled = new(() => jit.compile(Script.ReplaceLineEndings("\n")));

    private readonly Slot[] _slots;
    private readonly Tensor _stepCount, _scale;
    private readonly double _weightDecay, _maxGradientNorm;

    /// <summary>An optimizer over tensors by name, which must have gradients on.</summary>
    public DecoupledAdam(IEnumerable<KeyValuePair<string, Tensor>> parameters, double weightDecay, double maxGradientNorm)
    {
        (_weightDecay, _maxGradientNorm) = (weightDecay, maxGradientNorm);
        using var scope = NewDisposeScope();
        _slots = [.. parameters.Select(p => new Slot(p.Key, p.Value, Decays(p.Key)))];
        var device = _slots[0].Parameter.device;
        _stepCount = zeros(1, dtype: ScalarType.Float32, device: device);
        _scale = ones(1, dtype: ScalarType.Float32, device: device);
        // The scope's until all are made: this is twice the model's memory, and where there is no room for the last, the first must not
        // stay.
        foreach (var slot in _slots) slot.Detach();
        _stepCount.DetachFromDisposeScope();
        _scale.DetachFromDisposeScope();
    }

    /// <summary>Steps taken; set where a run goes on.</summary>
    public int Steps { get; set; }

    /// <summary>The running means of the gradients by parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> Means => _slots.ToDictionary(s => s.Name, s => s.Mean, StringComparer.Ordinal);

    /// <summary>The running means of the squared gradients by parameter.</summary>
    public IReadOnlyDictionary<string, Tensor> Squares => _slots.ToDictionary(s => s.Name, s => s.Square, StringComparer.Ordinal);

    /// <summary>The global L2 norm of the gradients; where it is over the largest allowed, the next step scales them down to that.</summary>
    public double ClipGradients()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        double norm = stack(_slots.Select(s => s.Parameter.grad).Where(g => g is not null).Select(g => g!.norm()), 0).norm().item<float>();
        _scale.fill_(Math.Max(1, (norm + 1e-6) / _maxGradientNorm));
        return norm;
    }

    /// <summary>Moves the parameters and forgets the gradients.</summary>
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
            Compiled.Value.invoke("step", Of(s => s.Parameter), Of(s => s.Parameter.grad!), Of(s => s.Mean), Of(s => s.Square), Of(_ => _stepCount), learningRate, decays ? _weightDecay : 0.0, _scale);
        }
        _scale.fill_(1);
        // Forgotten rather than zeroed: the next backward pass then stores its gradients where it would else add them.
        foreach (var slot in _slots) slot.Parameter.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
        _stepCount.Dispose();
        _scale.Dispose();
    }

    private static bool Decays(string name) => !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains("LayerNorm", StringComparison.Ordinal)
        && !name.Contains("layer_norm", StringComparison.Ordinal);

    /// <summary>A parameter, which stays the model's, with its two running means.</summary>
    private sealed class Slot(string name, Tensor parameter, bool decays) : IDisposable
    {
        public string Name { get; } = name;

        public Tensor Parameter { get; } = parameter;

        public bool Decays { get; } = decays;

        public Tensor Mean { get; } = zeros_like(parameter, requires_grad: false);

        public Tensor Square { get; } = zeros_like(parameter, requires_grad: false);

        public void Detach()
        {
            Mean.DetachFromDisposeScope();
            Square.DetachFromDisposeScope();
        }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}
