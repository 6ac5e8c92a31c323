using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse;

/// <summary>The log of a training run: a line of JSON for every step, the steps before a resumed run's checkpoint included.</summary>
public static class TrainingStepLog
{
    /// <summary>What the log is called in a checkpoint folder.</summary>
    private const string DefaultName = "training-log.jsonl";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Where a run with these options writes its log: <see cref="ContrastiveTrainingOptions.LogFile"/>, else <c>training-log.jsonl</c> in its <see cref="ContrastiveTrainingOptions.CheckpointFolder"/>.</summary>
    /// <param name="options">The run's options.</param>
    /// <returns>The path; null where the run writes none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static string? PathOf(ContrastiveTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.LogFile ?? (options.CheckpointFolder is { } folder ? Path.Combine(folder, DefaultName) : null);
    }

    /// <summary>Reads the steps of a log, also while its run still writes it: a last line that has no end yet is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The steps, in the order of the file.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not a step of a training log, or no UTF-8 text; names the file and
    /// the line.</exception>
    public static IReadOnlyList<TrainingProgress> Read(string path)
    {
        using var file = TextFile.Open(path);
        var lines = file.ReadToEnd().Split('\n');
        return [.. lines.SkipLast(1).Select((line, i) => Step(line, i + 1, path))];
    }

    /// <summary>A step as its line, without the line's end.</summary>
    internal static string Line(TrainingProgress step) => JsonSerializer.Serialize(step, Json);

    private static TrainingProgress Step(string line, int number, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingProgress>(line, Json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"Line {number} of '{Path.GetFullPath(path)}' is not a step of a training log: {error.Message}", error);
        }
    }
}
