using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The activities and the figures of training, for OpenTelemetry and the like; never the text of a sentence.</summary>
/// <remarks>
/// Activity <c>syncse.training</c>, one for each run, with the tags <c>syncse.mode</c>, <c>syncse.examples</c>, <c>syncse.steps</c> and
/// <c>syncse.score</c>. Instruments: <c>syncse.training.steps</c>, <c>syncse.training.tokens</c>, <c>syncse.training.loss</c>,
/// <c>syncse.training.score</c>, <c>syncse.training.step.duration</c> (seconds).
/// </remarks>
internal static class TrainingTelemetry
{
    private static readonly Counter<long> _steps
        = SynCseTelemetry.Meter.CreateCounter<long>("syncse.training.steps", "{step}", "Optimizer steps.");

    private static readonly Counter<long> _tokens = SynCseTelemetry.Meter.CreateCounter<long>(
        "syncse.training.tokens", "{token}", "Tokens of the sentences trained on, padding not counted, once a step.");

    private static readonly Histogram<double> _loss
        = SynCseTelemetry.Meter.CreateHistogram<double>("syncse.training.loss", null, "The loss of a step.");

    private static readonly Histogram<double> _score
        = SynCseTelemetry.Meter.CreateHistogram<double>("syncse.training.score", null, "The score of an evaluation.");

    private static readonly Histogram<double> _duration = SynCseTelemetry.Meter.CreateHistogram<double>(
        "syncse.training.step.duration", "s", "What a step took, its evaluation not counted.");

    /// <summary>A run begins.</summary>
    public static Activity? Start(TrainingMode mode, int examples) => SynCseTelemetry.Activities.StartActivity("syncse.training")
        ?.SetTag("syncse.mode", mode.ToString()).SetTag("syncse.examples", examples);

    /// <summary>A step was taken.</summary>
    public static void Stepped(TrainingProgress step, TimeSpan took)
    {
        _steps.Add(1);
        _tokens.Add(step.Tokens);
        _loss.Record(step.Loss);
        _duration.Record(took.TotalSeconds);
        if (step.Score is { } score) _score.Record(score);
    }

    /// <summary>A run ended by an error or a cancellation; the activity gets its type, not its message.</summary>
    public static void Fail(Activity? run, Exception error)
        => run?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", error.GetType().FullName);

    /// <summary>A run ended without an error.</summary>
    public static void End(Activity? run, TrainingSummary summary) => run?.SetTag("syncse.steps", summary.Steps)
        .SetTag("syncse.score", summary.Evaluations.LastOrDefault(e => e.Step == summary.BestStep)?.Score);
}
