using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Dropout with masks from a generator of its own, so that two trainings in one process do not change each other.</summary>
internal sealed class Dropout
{
    private readonly Generator? _generator;

    private Dropout(double hidden, double attention, Generator? generator)
        => (Hidden, Attention, _generator) = (hidden, attention, generator);

    /// <summary>No dropout: encoding, evaluation.</summary>
    public static Dropout None { get; } = new(0, 0, null);

    /// <summary>The probability in hidden layers.</summary>
    public double Hidden { get; }

    /// <summary>The probability in attention weights.</summary>
    public double Attention { get; }

    /// <summary>Dropout from a seeded generator, which stays the caller's.</summary>
    public static Dropout From(double hidden, double attention, Generator generator)
        => hidden == 0 && attention == 0 ? None : new(hidden, attention, generator);

    /// <summary>Zeroes elements with the hidden layers' probability and scales the others up.</summary>
    public Tensor ApplyHidden(Tensor x) => Apply(x, Hidden);

    /// <summary>Zeroes attention weights with the attention's probability and scales the others up.</summary>
    public Tensor ApplyAttention(Tensor x) => Apply(x, Attention);

    private Tensor Apply(Tensor x, double probability)
    {
        if (probability == 0) return x;
        using var scope = NewDisposeScope();
        var mask = empty_like(x, requires_grad: false).bernoulli_(1 - probability, _generator!).mul_(1 / (1 - probability));
        return (x * mask).MoveToOuterDisposeScope();
    }
}
