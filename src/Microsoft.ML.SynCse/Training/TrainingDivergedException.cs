namespace Microsoft.ML.SynCse;

/// <summary>A training run ended because its loss or its gradients became NaN, infinite or far larger than chance.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(string message, int step, double learningRate, SentenceEncoder? lastGood, TrainingEvaluation? evaluation, Exception inner) : base(message, inner)
    {
        (Step, LearningRate, LastGood, Evaluation) = (step, learningRate, lastGood, evaluation);
    }

    /// <summary>The step, from 1, that could not be taken.</summary>
    public int Step { get; }

    /// <summary>The rate at that step.</summary>
    public double LearningRate { get; }

    /// <summary>An encoder with the best evaluated weights of the run; where none was evaluated those before the step, or null where the loss had exploded by then. It belongs to whoever catches this.</summary>
    public SentenceEncoder? LastGood { get; }

    /// <summary>How <see cref="LastGood"/> was scored, or null.</summary>
    public TrainingEvaluation? Evaluation { get; }
}
