using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse;

/// <summary>The exception that is thrown when a training run ends because its loss or its gradients became NaN, infinite or far larger than
/// chance.</summary>
/// <remarks>
/// It holds the best weights of the run in managed memory, so there is nothing to dispose: <see cref="CreateLastGood"/> makes an encoder of
/// them for a caller that wants one. Its members may be used from several threads at once.
/// </remarks>
public sealed class TrainingDivergedException : InvalidOperationException
{
    private readonly Func<SentenceEncoder>? _lastGood;

    internal TrainingDivergedException(
        DivergedLossException error, StepPlace place, IEnumerable<int> examples, TrainingEvaluation? evaluation,
        Func<SentenceEncoder>? lastGood)
        : base(Describe(error, place, [.. examples.Order()], evaluation, lastGood is not null), error)
    {
        (Step, LearningRate, Evaluation, _lastGood) = (place.Step, place.LearningRate, evaluation, lastGood);
    }

    /// <summary>The step, from 1, that could not be taken.</summary>
    public int Step { get; }

    /// <summary>The learning rate at that step.</summary>
    public double LearningRate { get; }

    /// <summary>The evaluation of the weights that <see cref="CreateLastGood"/> uses; null if they were not evaluated.</summary>
    public TrainingEvaluation? Evaluation { get; }

    /// <summary>Whether the run had weights that may be of use.</summary>
    public bool HasLastGood => _lastGood is not null;

    /// <summary>Makes an encoder with the best evaluated weights of the run or, if none were evaluated, with the weights before the
    /// step.</summary>
    /// <returns>A new encoder at each call, which belongs to the caller; null if <see cref="HasLastGood"/> is false, because the loss had
    /// exploded before any evaluation.</returns>
    /// <example><code>
    /// catch (TrainingDivergedException error) when (error.HasLastGood)
    /// {
    ///     using var encoder = error.CreateLastGood()!;
    ///     encoder.Save("last-good");
    /// }
    /// </code></example>
    public SentenceEncoder? CreateLastGood() => _lastGood?.Invoke();

    private static string Describe(DivergedLossException error, StepPlace place, int[] examples, TrainingEvaluation? best, bool hasLastGood)
    {
        string some = string.Join(' ', examples.Take(10)) + (examples.Length > 10 ? " ..." : "");
        string kept = best is not null ? $" The weights of step {best.Step} are kept; CreateLastGood makes an encoder of them."
            : hasLastGood ? " No weights were evaluated before; those of the step before are kept; CreateLastGood makes an encoder of them."
            : " No weights were evaluated before; set EvaluateEvery to keep the last good ones.";
        return FormattableString.Invariant($"The {error.Message} at step {place.Step} of {place.Total}, ")
            + FormattableString.Invariant($"learning rate {place.LearningRate:g4}, on the examples {some}: ")
            + "lower LearningRate or raise WarmupSteps or Temperature." + kept;
    }
}
