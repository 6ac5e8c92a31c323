using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Reads the log of a training run: a line of JSON for every step, with the steps before a resumed run's checkpoint.</summary>
/// <remarks>The methods may be called from several threads at once.</remarks>
internal static class TrainingStepLog
{
    // The name of the log in a checkpoint folder.
    private const string DefaultName = "training-log.jsonl";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The path of the log of a run with these options: <see cref="ContrastiveTrainingOptions.LogFile"/>, or
    /// <c>training-log.jsonl</c> in its <see cref="ContrastiveTrainingOptions.CheckpointFolder"/>.</summary>
    /// <param name="options">The run's options.</param>
    /// <returns>The path; null if the run writes no log.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static string? PathOf(ContrastiveTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.LogFile ?? (options.CheckpointFolder is { } folder ? Path.Combine(folder, DefaultName) : null);
    }

    /// <summary>Reads the steps of a log. The run may still be writing it: a last line without a line end is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The steps, in the order of the file.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not a step of a training log, or not UTF-8 text; names the file and the
    /// line.</exception>
    public static IReadOnlyList<TrainingProgress> Read(string path)
    {
        using var file = TextFile.Open(path);
        string[] lines = file.ReadToEnd().Split('\n');
        return [.. lines.SkipLast(1).Select((line, i) => Step(line, i + 1, path))];
    }

    /// <summary>The line of a step, without the line end.</summary>
    internal static string Line(TrainingProgress step) => JsonSerializer.Serialize(step, _json);

    private static TrainingProgress Step(string line, int number, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingProgress>(line, _json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"Line {number} of '{Path.GetFullPath(path)}' is not a step of a training log: {error.Message}", error);
        }
    }
}

/// <summary>Writes the log: a line for every step, as soon as it is taken. A resumed run first writes the steps of its checkpoint
/// again.</summary>
internal sealed class TrainingLogFile : IDisposable
{
    private const string LineEnd = "\n";                                // the same on every system

    private readonly StreamWriter _lines;
    private readonly string _path;
    private bool _failed;

    /// <param name="path">The file, which is replaced.</param>
    /// <param name="done">The steps that were taken before.</param>
    /// <exception cref="IOException">It cannot be written; names it.</exception>
    public TrainingLogFile(string path, IEnumerable<TrainingProgress> done)
    {
        _path = Path.GetFullPath(path);
        try
        {
            AtomicFile.Write(path, file =>
            {
                using var lines = new StreamWriter(file, leaveOpen: true) { NewLine = LineEnd };
                foreach (var step in done) lines.WriteLine(TrainingStepLog.Line(step));
            });
            var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            _lines = new(new FileSizeLimitStream(file)) { AutoFlush = true, NewLine = LineEnd };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The training log '{_path}' (ContrastiveTrainingOptions.LogFile, or training-log.jsonl in its CheckpointFolder) "
                + $"cannot be begun: {error.Message}", error);
        }
    }

    /// <summary>Writes a step.</summary>
    /// <exception cref="IOException">It cannot be written; names the file.</exception>
    public void Add(TrainingProgress step)
    {
        try
        {
            _lines.WriteLine(TrainingStepLog.Line(step));
        }
        catch (IOException error)
        {
            _failed = true;
            throw new IOException(
                $"The training log '{_path}' could not be written: {error.Message} Check that its folder has room, "
                + "or set another ContrastiveTrainingOptions.LogFile.",
                error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _lines.Dispose();
        }
        catch (IOException) when (_failed)
        {
            // Add has reported it; closing tries to write the rest once more.
        }
    }
}
