using System.Globalization;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A training run as a bar that moves with every step.</summary>
internal static class TrainingDisplay
{
    /// <summary>Runs <paramref name="train"/> and shows what it reports; <paramref name="steps"/>, where given, gets every step.</summary>
    public static Task<SynCseEmbeddingTransformer> ShowAsync(
        Func<IProgress<SynCseProgress>, Task<SynCseEmbeddingTransformer>> train, List<TrainingProgress>? steps = null)
        => AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(async display =>
            {
                var bar = display.AddTask("Reading the rows");
                return await train(new Reports(report =>
                {
                    if (report.Training is { } step) steps?.Add(step);
                    Update(bar, report);
                }));
            });

    private static void Update(ProgressTask bar, SynCseProgress report)
    {
        if (report.Training is not { } step)
        {
            bar.Description = $"{report.Rows} rows read";
            return;
        }
        bar.MaxValue = step.TotalSteps;
        bar.Value = step.Step;
        bar.Description = string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {step.Epoch}, step {step.Step}/{step.TotalSteps}, loss {step.Loss:F3}, {step.TokensPerSecond:F0} tokens/s, "
            + $"{step.TimeLeft:h\\:mm\\:ss} left");
    }

    /// <summary>Told on the training thread: System.Progress would tell in any order.</summary>
    private sealed class Reports(Action<SynCseProgress> show) : IProgress<SynCseProgress>
    {
        public void Report(SynCseProgress value) => show(value);
    }
}
