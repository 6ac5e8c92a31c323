using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>The steps of a run from its log, those of earlier processes included.</summary>
internal static class TrainingLogLines
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>All steps of the run's log; null where it has none.</summary>
    public static IReadOnlyList<TrainingProgress>? Read(ContrastiveTrainingOptions training)
        => (training.LogFile ?? (training.CheckpointFolder is { } folder ? Path.Combine(folder, "training-log.jsonl") : null)) is { } log
            ? [.. File.ReadLines(log).Select(line => JsonSerializer.Deserialize<TrainingProgress>(line, Json)!)] : null;
}
