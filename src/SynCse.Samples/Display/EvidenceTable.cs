using System.Globalization;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>What a run shows about its own success: figures on the held-out triplets and, where given, on scored pairs.</summary>
internal static class EvidenceTable
{
    public static void Write(TrainingSummary training, double? spearmanBefore, double? spearmanAfter, int pairs)
    {
        var table = new Table().RoundedBorder().AddColumn("").AddColumn(new TableColumn("before").RightAligned())
            .AddColumn(new TableColumn("after").RightAligned());
        if (training.Evaluations is [var first, ..] && training.Evaluations.FirstOrDefault(e => e.Step == training.BestStep) is { } best)
        {
            foreach (var (name, words) in new[] { ("TripletAccuracy", "positive nearer than hard negative"),
                ("MeanMargin", "mean margin between the two (cosine)"),
                ("MeanReciprocalRank", "reciprocal rank of the own positive in a search"), ("Score", "score that chooses the step") })
            {
                if (first.Metrics.TryGetValue(name, out double before) && best.Metrics.TryGetValue(name, out double after))
                    table.AddRow($"{training.HeldOutExamples} held-out rows: {words}", Digits(before), Digits(after));
            }
        }
        if (spearmanBefore is { } b && spearmanAfter is { } a) table.AddRow(
            $"[bold]{pairs} scored pairs: Spearman correlation[/]", $"[bold]{Digits(b)}[/]", $"[bold]{Digits(a)}[/]");
        if (table.Rows.Count > 0) AnsiConsole.Write(table);
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{training.Steps} steps on {training.Examples} rows in {training.Elapsed.TotalSeconds:F1} s, loss {training.FirstLoss:F3} "
            + $"to {training.LastLoss:F3}; the weights are those of step {training.BestStep}."));
        foreach (string warning in training.Warnings) Terminal.Warning(warning);
    }

    private static string Digits(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
