using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse;

/// <summary>Every step as a line of JSON, written as soon as it is taken; a run that goes on writes the steps of its checkpoint again first.</summary>
internal sealed class TrainingLogFile : IDisposable
{
    /// <summary>What the log is called in a checkpoint folder.</summary>
    public const string DefaultName = "training-log.jsonl";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly StreamWriter _lines;

    /// <param name="path">The file; replaced.</param>
    /// <param name="done">The steps that were taken before.</param>
    /// <exception cref="IOException">It cannot be written; names it.</exception>
    public TrainingLogFile(string path, IEnumerable<TrainingProgress> done)
    {
        AtomicFile.Write(path, file =>
        {
            using var lines = new StreamWriter(file, leaveOpen: true);
            foreach (var step in done) lines.WriteLine(Line(step));
        });
        _lines = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    }

    /// <summary>Writes a step.</summary>
    public void Add(TrainingProgress step) => _lines.WriteLine(Line(step));

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private static string Line(TrainingProgress step) => JsonSerializer.Serialize(step, Json);
}
