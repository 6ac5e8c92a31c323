namespace Microsoft.ML.SynCse;

/// <summary>Scores an encoder during training; the highest score chooses the weights that are returned.</summary>
public interface IEncoderEvaluator
{
    /// <summary>Tells this evaluator from others of its type, by what it scores on and how: a run that goes on from a checkpoint refuses
    /// another. Null, the default: only the type is compared, and a warning says so.</summary>
    string? Fingerprint => null;

    /// <summary>Scores an encoder.</summary>
    /// <param name="encode">Turns sentences into vectors, in order, with the weights of the moment and without dropout.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <returns>A finite score, higher is better, and other figures to report.</returns>
    EncoderEvaluation Evaluate(Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken = default);
}

/// <summary>What an <see cref="IEncoderEvaluator"/> found.</summary>
/// <param name="Score">The figure that compares encoders; higher is better.</param>
/// <param name="Metrics">All figures by name, the score's among them.</param>
public sealed record EncoderEvaluation(double Score, IReadOnlyDictionary<string, double> Metrics);
