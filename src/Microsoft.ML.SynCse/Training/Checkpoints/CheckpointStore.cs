using System.Globalization;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>The folder with the newest checkpoints of one run: step-00000120.checkpoint and so on.</summary>
internal sealed class CheckpointStore(string folder, int keep, TrainingWarnings warnings) : IDisposable
{
    private const string Prefix = "step-", Extension = ".checkpoint", LockFile = "run.lock";

    private FileStream? _lock;

    /// <summary>Makes the folder before the first step, locks it against other runs, and removes the half-written files of a run that was
    /// killed.</summary>
    /// <exception cref="IOException">It cannot be made or cleaned, or another run uses it; names it.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused($"cannot be made: {error.Message}", error);
        }
        try
        {
            // Held until the run ends in any way. The file stays: another run may have opened it and not locked it yet.
            _lock ??= new(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused("is in use by another run, or cannot be written to: give every run a folder of its own, "
                + $"or wait for the other one ({error.Message})", error);
        }
        try
        {
            foreach (string half in Directory.GetFiles(folder, $"{Prefix}????????{Extension}.*{TempFileSwap.Suffix}"))
                FileReplacement.Delete(half);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused($"cannot be cleaned: {error.Message}", error);
        }
    }

    /// <summary>Reads the newest checkpoint that is not damaged.</summary>
    /// <param name="check">Throws if a checkpoint belongs to another run; called before a tensor is read.</param>
    /// <param name="tensors">The run's tensors, which are overwritten.</param>
    /// <returns>The state of the run; null if the run begins.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run; says in what.</exception>
    /// <exception cref="IOException">A checkpoint cannot be opened, which is no damage; names it.</exception>
    public CheckpointState? Load(Action<CheckpointState, string> check, CheckpointTensors tensors)
    {
        var files = Files().Reverse().ToList();
        foreach (string? file in files)
        {
            RequireOpen(file);
            try
            {
                return CheckpointFile.Read(file, state =>
                {
                    if (NameOf(state.Steps.Count) != Path.GetFileName(file))
                        throw new InvalidDataException($"'{file}' is damaged: it holds {state.Steps.Count} steps.");
                    check(state, file);
                }, tensors);
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                warnings.DamagedCheckpoint(error.Message);
            }
        }
        if (files.Count > 0) warnings.BeginsAnew(files.Count);
        return null;
    }

    /// <summary>Writes a checkpoint, and removes those that are too old.</summary>
    /// <param name="state">The state of the run.</param>
    /// <param name="tensors">The run's tensors.</param>
    /// <param name="others">Whether all other checkpoints are removed, because they are of a run that this one replaces.</param>
    /// <exception cref="IOException">It could not be written; names it.</exception>
    public void Save(CheckpointState state, CheckpointTensors tensors, bool others)
    {
        string file = Path.Combine(folder, NameOf(state.Steps.Count));
        CheckpointFile.Write(file, state, tensors);
        var files = Files().ToList();
        int place = files.IndexOf(file);
        // A file that is only too old is tried again after the next checkpoint. No run may resume from a file of the run that this one
        // replaces.
        foreach (string? old in files.Where((name, i) => others && i != place)) FileReplacement.Delete(old);
        foreach (string? old in files.Where((name, i) => !others && i <= place - keep)) DeleteIfFree(old);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private static string NameOf(int steps) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{steps:d8}{Extension}");

    private static void DeleteIfFree(string file)
    {
        try
        {
            FileReplacement.Delete(file);
        }
        catch (HeldFileException)
        {
            // A scanner or a backup reads it, which is no reason to end the run.
        }
    }

    private static void RequireOpen(string file)
    {
        try
        {
            File.OpenRead(file).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The checkpoint '{Path.GetFullPath(file)}' cannot be opened: {error.Message} The run has not begun; close what "
                + "holds it, or set ContrastiveTrainingOptions.Resume to false to begin anew.", error);
        }
    }

    private IOException Refused(string why, Exception error)
        => new($"ContrastiveTrainingOptions.CheckpointFolder '{Path.GetFullPath(folder)}' {why}", error);

    /// <summary>All checkpoints in the folder, oldest first.</summary>
    private IEnumerable<string> Files()
        => Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Prefix}????????{Extension}").Order(StringComparer.Ordinal) : [];
}
