using Microsoft.ML.SynCse.Encoders;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Checks <see cref="ContrastiveTrainingOptions"/>; an error names option and range.</summary>
internal static class TrainingOptionsRules
{
    /// <summary>Throws for the first option that is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static void Validate(this ContrastiveTrainingOptions o)
    {
        Check(o.Epochs >= 1, nameof(o.Epochs), o.Epochs, "at least 1");
        Check(o.BatchSize >= 2, nameof(o.BatchSize), o.BatchSize, "at least 2: a row's negatives are the other rows");
        Check(o.LearningRate is > 0 and <= 1, nameof(o.LearningRate), o.LearningRate, "over 0 and at most 1");
        Check(o.WarmupSteps >= 0, nameof(o.WarmupSteps), o.WarmupSteps, "at least 0");
        Check(o.WeightDecay >= 0 && double.IsFinite(o.WeightDecay), nameof(o.WeightDecay), o.WeightDecay, "a finite number of at least 0");
        Check(o.LearningRate * o.WeightDecay < 1, nameof(o.WeightDecay), o.WeightDecay, "under 1 / LearningRate: more would turn the sign of every weight");
        Check(o.MaxGradientNorm > 0, nameof(o.MaxGradientNorm), o.MaxGradientNorm, "over 0 (infinity for no clipping)");
        Check(o.Temperature > 0 && double.IsFinite(o.Temperature), nameof(o.Temperature), o.Temperature, "a finite number over 0");
        Check(o.HardNegativeWeight is >= -100 and <= 100, nameof(o.HardNegativeWeight), o.HardNegativeWeight, "from -100 to 100: it counts e^weight times");
        Check(o.MlmWeight >= 0 && double.IsFinite(o.MlmWeight), nameof(o.MlmWeight), o.MlmWeight, "a finite number of at least 0");
        Check(o.Dropout is null or (>= 0 and < 1), nameof(o.Dropout), o.Dropout, "null or at least 0 and under 1");
        Check(o.MaxSequenceLength >= 3, nameof(o.MaxSequenceLength), o.MaxSequenceLength, "at least 3");
        Check(o.Pooling is not { } pooling || Enum.IsDefined(pooling), nameof(o.Pooling), o.Pooling, "null or a known pooling");
        Check(Enum.IsDefined(o.ProjectionHead), nameof(o.ProjectionHead), o.ProjectionHead, "a known head");
        Check(o.ValidationFraction is >= 0 and < 1, nameof(o.ValidationFraction), o.ValidationFraction, "at least 0 and under 1");
        Check(o.EvaluateEvery >= 0, nameof(o.EvaluateEvery), o.EvaluateEvery, "at least 0");
        Check(o.CheckpointEvery >= 0, nameof(o.CheckpointEvery), o.CheckpointEvery, "at least 0");
        Check(o.CheckpointEvery == 0 || o.CheckpointFolder is not null, nameof(o.CheckpointEvery), o.CheckpointEvery, "0 where there is no CheckpointFolder");
        Check(o.CheckpointFolder is null || o.CheckpointFolder.Trim().Length > 0, nameof(o.CheckpointFolder), o.CheckpointFolder, "null or the name of a folder");
        Check(o.LogFile is null || o.LogFile.Trim().Length > 0, nameof(o.LogFile), o.LogFile, "null or the name of a file");
        Check(o.CheckpointsToKeep >= 1, nameof(o.CheckpointsToKeep), o.CheckpointsToKeep, "at least 1");
        Check(o.EarlyStoppingPatience >= 0, nameof(o.EarlyStoppingPatience), o.EarlyStoppingPatience, "at least 0");
        Check(o.GradientCacheChunk is null or >= 1, nameof(o.GradientCacheChunk), o.GradientCacheChunk, "null or at least 1");
        Check(o.ReleaseMemoryEvery >= 0, nameof(o.ReleaseMemoryEvery), o.ReleaseMemoryEvery, "at least 0 (0 never)");
        Check(o.FalseNegativeThreshold is null or (>= -1 and <= 1), nameof(o.FalseNegativeThreshold), o.FalseNegativeThreshold, "null or from -1 to 1");
        Check(Enum.IsDefined(o.Precision), nameof(o.Precision), o.Precision, "a known precision");
    }

    /// <summary>The options by name, as a saved model tells them.</summary>
    public static IReadOnlyDictionary<string, string> Describe(this ContrastiveTrainingOptions options)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in typeof(ContrastiveTrainingOptions).GetProperties().Where(p => p.Name is not (nameof(options.Logger) or nameof(options.CheckpointFolder) or nameof(options.LogFile))))
        {
            var value = property.GetValue(options);
            settings[property.Name] = value is IEncoderEvaluator evaluator ? evaluator.GetType().Name + (evaluator.Fingerprint is { } fingerprint ? $" ({fingerprint})" : "")
                : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        }
        return settings;
    }

    private static void Check(bool holds, string option, object? value, string range)
    {
        if (!holds) throw new ArgumentOutOfRangeException(option, value, $"ContrastiveTrainingOptions.{option} must be {range}.");
    }
}
