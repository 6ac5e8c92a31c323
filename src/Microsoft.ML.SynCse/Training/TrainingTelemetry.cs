using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>What training tells OpenTelemetry and its like: an <see cref="ActivitySource"/> and a <see cref="Meter"/>, both named <see cref="Name"/>. No sentence is ever in it.</summary>
/// <remarks>
/// Activity <c>syncse.training</c>, one a run, with the tags <c>syncse.mode</c>, <c>syncse.examples</c>, <c>syncse.steps</c>, <c>syncse.score</c>. Instruments: <c>syncse.training.steps</c>,
/// <c>syncse.training.tokens</c>, <c>syncse.training.loss</c>, <c>syncse.training.score</c>, <c>syncse.training.step.duration</c> (seconds).
/// </remarks>
public static class TrainingTelemetry
{
    /// <summary>The name to subscribe to; synthesis has the same.</summary>
    public const string Name = TelemetrySources.Name;

    private static readonly Counter<long> Steps = TelemetrySources.Meter.CreateCounter<long>("syncse.training.steps", "{step}", "Optimizer steps.");
    private static readonly Counter<long> Tokens = TelemetrySources.Meter.CreateCounter<long>("syncse.training.tokens", "{token}", "Tokens of the sentences trained on, padding not counted, once a step.");
    private static readonly Histogram<double> Loss = TelemetrySources.Meter.CreateHistogram<double>("syncse.training.loss", null, "The loss of a step.");
    private static readonly Histogram<double> Score = TelemetrySources.Meter.CreateHistogram<double>("syncse.training.score", null, "The score of an evaluation.");
    private static readonly Histogram<double> Duration = TelemetrySources.Meter.CreateHistogram<double>("syncse.training.step.duration", "s", "What a step took, its evaluation not counted.");

    /// <summary>A run begins.</summary>
    internal static Activity? Start(TrainingMode mode, int examples)
        => TelemetrySources.Activities.StartActivity("syncse.training")?.SetTag("syncse.mode", mode.ToString()).SetTag("syncse.examples", examples);

    /// <summary>A step was taken.</summary>
    internal static void Stepped(TrainingProgress step, TimeSpan took)
    {
        Steps.Add(1);
        Tokens.Add(step.Tokens);
        Loss.Record(step.Loss);
        Duration.Record(took.TotalSeconds);
        if (step.Score is { } score) Score.Record(score);
    }

    /// <summary>A run ended by an error or a cancellation; the kind is told, not the text.</summary>
    internal static void Fail(Activity? run, Exception error)
        => run?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", error.GetType().FullName);

    /// <summary>A run ended as it should.</summary>
    internal static void End(Activity? run, TrainingSummary summary)
        => run?.SetTag("syncse.steps", summary.Steps).SetTag("syncse.score", summary.Evaluations.LastOrDefault(e => e.Step == summary.BestStep)?.Score);
}
