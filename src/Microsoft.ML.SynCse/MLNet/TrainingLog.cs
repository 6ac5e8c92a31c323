using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>Tells a run of training to <c>MLContext.Log</c> and to the caller's progress, as it happens.</summary>
internal sealed class TrainingLog(IChannel channel, IProgress<SynCseProgress>? progress, long rows) : IProgress<TrainingProgress>, IProgress<SynthesisProgress>
{
    /// <summary>Says that the rows are read.</summary>
    public void HasRead() => progress?.Report(new SynCseProgress { Stage = SynCseStage.Reading, Rows = rows });

    /// <summary>Says what the training is going to do.</summary>
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
    public void Report(SynthesisProgress value) => progress?.Report(new SynCseProgress { Stage = SynCseStage.Synthesis, Rows = rows, Synthesis = value });

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        string step = string.Create(CultureInfo.InvariantCulture, $"Step {value.Step} of {value.TotalSteps}, epoch {value.Epoch}: loss {value.Loss:F4}");
        if (value.Score is { } score) channel.Info("{0}", string.Create(CultureInfo.InvariantCulture, $"{step}, score {score:F4}."));
        else channel.Trace("{0}", step + ".");
        progress?.Report(new SynCseProgress { Stage = SynCseStage.Training, Rows = rows, Training = value });
    }

    /// <summary>Says how the run went, with its warnings.</summary>
    public void Finished(TrainingSummary summary)
    {
        channel.Info("{0}", string.Create(CultureInfo.InvariantCulture,
            $"Trained {summary.Steps} steps on {summary.Examples} rows in {summary.Elapsed.TotalSeconds:F1} s: loss {summary.FirstLoss:F4} to {summary.LastLoss:F4}, the weights are those of step {summary.BestStep}."));
        foreach (var warning in summary.Warnings) channel.Warning("{0}", warning);
    }
}
