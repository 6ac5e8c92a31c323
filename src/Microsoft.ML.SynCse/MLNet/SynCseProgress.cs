using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>The progress of <see cref="SynCseEmbeddingEstimator.FitAsync"/>: reported once when the rows are read, then while a language
/// model writes, if one does, then after every training step.</summary>
/// <remarks>Immutable; an instance may be used from several threads at once.</remarks>
public sealed record SynCseProgress
{
    /// <summary>The current stage.</summary>
    public required SynCseStage Stage { get; init; }

    /// <summary>The number of rows read from the data view.</summary>
    public required long Rows { get; init; }

    /// <summary>The progress of the synthesis; null in the other stages.</summary>
    public SynthesisProgress? Synthesis { get; init; }

    /// <summary>The training step just taken; null in the other stages.</summary>
    public TrainingProgress? Training { get; init; }
}

/// <summary>A stage of <see cref="SynCseEmbeddingEstimator.FitAsync"/>, in the order in which they come.</summary>
public enum SynCseStage
{
    /// <summary>The rows of the data view are read.</summary>
    Reading,

    /// <summary>A language model writes the examples to train on. Only with a chat client.</summary>
    Synthesis,

    /// <summary>The encoder is tuned.</summary>
    Training,
}

/// <summary>Reports a fit to <c>MLContext.Log</c> and to the caller's progress, as it happens.</summary>
internal sealed class TrainingLog(IChannel channel, IProgress<SynCseProgress>? progress, long rows)
    : IProgress<TrainingProgress>, IProgress<SynthesisProgress>
{
    /// <summary>Reports that the rows are read.</summary>
    public void HasRead() => progress?.Report(new SynCseProgress { Stage = SynCseStage.Reading, Rows = rows });

    /// <summary>Logs what the training is going to do.</summary>
    public void Started(TrainingMode kind, int examples, string columns)
    {
        string mode = kind switch
        {
            TrainingMode.Unsupervised => "anchors alone (unsupervised SimCSE: two dropout passes of a sentence are its positive pair)",
            TrainingMode.Pairs => "pairs (the other rows' positives are the negatives)",
            _ => "triplets (the other rows' positives and all hard negatives are the negatives)",
        };
        channel.Info("{0}", $"Training on {mode}: {examples} rows, columns {columns}.");
    }

    /// <inheritdoc/>
    public void Report(SynthesisProgress value)
        => progress?.Report(new SynCseProgress { Stage = SynCseStage.Synthesis, Rows = rows, Synthesis = value });

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        string step = string.Create(
            CultureInfo.InvariantCulture, $"Step {value.Step} of {value.TotalSteps}, epoch {value.Epoch}: loss {value.Loss:F4}");
        if (value.Score is { } score) channel.Info("{0}", string.Create(CultureInfo.InvariantCulture, $"{step}, score {score:F4}."));
        else channel.Trace("{0}", step + ".");
        progress?.Report(new SynCseProgress { Stage = SynCseStage.Training, Rows = rows, Training = value });
    }

    /// <summary>Logs the figures of the run, with its warnings.</summary>
    public void Finished(TrainingSummary summary)
    {
        string took = string.Create(CultureInfo.InvariantCulture, $"in {summary.Elapsed.TotalSeconds:F1} s");
        string losses = string.Create(CultureInfo.InvariantCulture, $"loss {summary.FirstLoss:F4} to {summary.LastLoss:F4}");
        string run = string.Create(CultureInfo.InvariantCulture, $"Trained {summary.Steps} steps on {summary.Examples} rows");
        string kept = string.Create(CultureInfo.InvariantCulture, $"the weights are those of step {summary.BestStep}");
        channel.Info("{0}", $"{run} {took}: {losses}, {kept}.");
        foreach (string warning in summary.Warnings) channel.Warning("{0}", warning);
    }
}
