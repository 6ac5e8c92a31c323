using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>Scores an encoder during training; the highest score chooses the weights that are returned.</summary>
/// <remarks>A run calls it from one thread at a time.</remarks>
public interface IEncoderEvaluator
{
    /// <summary>Identifies the data and the method of this evaluator. A run that resumes from a checkpoint fails if the value differs.
    /// Null, the default: only the type is compared, and a warning says so.</summary>
    string? Fingerprint => null;

    /// <summary>Scores an encoder.</summary>
    /// <param name="encode">Turns sentences into vectors, in order, with the weights of the moment and without dropout.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <returns>A finite score, higher is better, and other figures to report.</returns>
    EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default);
}

/// <summary>What an <see cref="IEncoderEvaluator"/> found.</summary>
/// <remarks>Immutable, so it may be shared between threads. Two with equal figures are equal.</remarks>
/// <param name="Score">The figure that compares encoders; higher is better.</param>
/// <param name="Metrics">All figures by name, the score's among them.</param>
public sealed record EncoderEvaluation(double Score, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>All figures by name, the score's among them.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init => field = ValueDictionary.Of(value); } = ValueDictionary.Of(Metrics);
}
