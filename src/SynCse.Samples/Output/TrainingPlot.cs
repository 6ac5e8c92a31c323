using Microsoft.ML.SynCse;
using ScottPlot;

namespace SynCse.Samples;

/// <summary>A training run as a picture: loss and learning rate by step, and the score of every evaluation.</summary>
internal static class TrainingPlot
{
    private const int Width = 1000, Height = 800;

    /// <summary>Draws.</summary>
    /// <param name="steps">The run's steps.</param>
    /// <param name="evaluations">Its evaluations.</param>
    /// <returns>A PNG.</returns>
    public static byte[] Png(IReadOnlyList<TrainingProgress> steps, IReadOnlyList<TrainingEvaluation> evaluations)
    {
        var picture = new Multiplot();
        picture.AddPlots(evaluations.Count > 0 ? 3 : 2);
        double[] step = [.. steps.Select(s => (double)s.Step)];
        var loss = picture.GetPlot(0);
        loss.Add.Scatter(step, [.. steps.Select(s => s.Loss)]).MarkerSize = 0;
        Label(loss, "Loss");
        var rate = picture.GetPlot(1);
        rate.Add.Scatter(step, [.. steps.Select(s => s.LearningRate)]).MarkerSize = 0;
        Label(rate, "Learning rate");
        if (evaluations.Count > 0)
        {
            var score = picture.GetPlot(2);
            score.Add.Scatter(evaluations.Select(e => (double)e.Step).ToArray(), evaluations.Select(e => e.Score).ToArray());
            Label(score, "Score (0: before the training)");
        }
        return picture.Render(Width, Height).GetImageBytes();
    }

    private static void Label(Plot plot, string title)
    {
        plot.Title(title);
        plot.XLabel("step");
    }
}
