using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Every step as a line of JSON, written as soon as it is taken; a run that goes on writes the steps of its checkpoint again first.</summary>
internal sealed class TrainingLogFile : IDisposable
{
    private const string LineEnd = "\n";                                                                  // the same on every system

    private readonly StreamWriter _lines;
    private readonly string _path;
    private bool _failed;

    /// <param name="path">The file; replaced.</param>
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
            throw new IOException($"The training log '{_path}' (ContrastiveTrainingOptions.LogFile, or training-log.jsonl in its CheckpointFolder) cannot be begun: {error.Message}", error);
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
            // It was said once; closing tries to write what is left once more.
        }
    }
}
