using System.Globalization;

namespace Microsoft.ML.SynCse.Training;

/// <summary>A run as the tuned encoder's model card tells it.</summary>
internal static class TrainingCard
{
    /// <summary>The card of what a run made.</summary>
    /// <param name="start">The start encoder's card.</param>
    /// <param name="set">The rows of the run.</param>
    /// <param name="summary">The run in figures.</param>
    public static ModelCard Of(ModelCard start, TrainingSet set, TrainingSummary summary)
    {
        // The weights are the start's, so their history is too.
        if (summary.KeptStart)
            return start with { Notes = [.. start.Notes ?? [], $"A training on {Count(summary.Examples)} examples did not make this encoder better; the weights are those it started from."] };
        return new()
        {
            BaseModel = start.Name ?? start.BaseModel,
            Languages = start.Languages,
            DataCounts = new Dictionary<string, long>
            {
                ["examples trained on"] = summary.Examples,
                ["examples held out for the scores"] = summary.HeldOutExamples,
                ["examples left out because a text is empty"] = summary.SkippedExamples,
                ["examples left out because the hard negative is the positive"] = summary.ContradictoryExamples,
                ["hard negatives replaced because they are the positive"] = summary.ReplacedNegatives,
                ["sentences cut at the training length"] = summary.TruncatedSentences,
            },
            DataFingerprint = TrainingDataFingerprint.Of(set.Rows),
            Recipe = Recipe(summary),
            Scores = Scores(summary),
            Notes = summary.Warnings.Count > 0 ? summary.Warnings : null,
        };
    }

    // What was watched and kept, which says nothing about the model.
    private static readonly string[] OfTheMachine =
        [nameof(ContrastiveTrainingOptions.CheckpointEvery), nameof(ContrastiveTrainingOptions.CheckpointsToKeep), nameof(ContrastiveTrainingOptions.Resume), nameof(ContrastiveTrainingOptions.Device)];

    private static Dictionary<string, string> Recipe(TrainingSummary summary)
    {
        var recipe = new Dictionary<string, string>
        {
            ["Made with"] = $"Microsoft.ML.SynCse {typeof(TrainingCard).Assembly.GetName().Version?.ToString(3)}",
            ["Loss"] = $"contrastive (InfoNCE, in-batch negatives), {summary.Mode}",
            ["Steps"] = Count(summary.Steps),
            ["Step whose weights these are"] = Count(summary.BestStep),
        };
        if (summary.Evaluations.Count > 0)
            recipe["Scored by"] = summary.HeldOutExamples == 0 ? summary.Settings["Evaluator"] : "the held-out examples (lower is better for Alignment and Uniformity)";
        foreach (var (name, value) in summary.Settings.Where(setting => !OfTheMachine.Contains(setting.Key))) recipe[name] = value;
        return recipe;
    }

    private static List<ModelCardScore>? Scores(TrainingSummary summary)
    {
        if (summary.Evaluations.FirstOrDefault(e => e.Step == summary.BestStep) is not { } after) return null;
        var before = summary.Evaluations.FirstOrDefault(e => e.Step == 0);
        return [.. after.Metrics.Select(m => new ModelCardScore(m.Key, before is not null && before.Metrics.TryGetValue(m.Key, out double value) ? value : null, m.Value))];
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
