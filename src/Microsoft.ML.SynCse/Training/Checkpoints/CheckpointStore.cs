using System.Globalization;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>The checkpoints of one run in a folder: step-00000120.checkpoint and the like, the newest few.</summary>
internal sealed class CheckpointStore(string folder, int keep, TrainingWarnings warnings) : IDisposable
{
    private const string Prefix = "step-", Extension = ".checkpoint", LockFile = "run.lock";

    private FileStream? _lock;

    /// <summary>Makes the folder, so that a run does not find out at its first checkpoint that it has none, keeps other runs out of it, and removes what a run that was killed left half written.</summary>
    /// <exception cref="IOException">It cannot be made, or not cleaned, or another run is at work in it; names it.</exception>
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
            // Held until the run ends, however it ends. The file stays: removed, it could be so in between another's opening and locking it.
            _lock ??= new(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused($"is in use by another run, or cannot be written to: give every run a folder of its own, or wait for the other one ({error.Message})", error);
        }
        try
        {
            foreach (var half in Directory.GetFiles(folder, $"{Prefix}????????{Extension}.*{TempFileSwap.Suffix}"))
                FileReplacement.Delete(half);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused($"cannot be cleaned: {error.Message}", error);
        }
    }

    /// <summary>Goes on from the newest checkpoint that can be read.</summary>
    /// <param name="check">Throws where a checkpoint belongs to another run; asked before a tensor is read.</param>
    /// <param name="tensors">The run's tensors, which are overwritten.</param>
    /// <returns>Where the run stands, or null: it begins.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run; says in what.</exception>
    /// <exception cref="IOException">A checkpoint cannot be opened, which is no damage; names it.</exception>
    public CheckpointState? Load(Action<CheckpointState, string> check, CheckpointTensors tensors)
    {
        var files = Files().Reverse().ToList();
        foreach (var file in files)
        {
            RequireOpen(file);
            try
            {
                return CheckpointFile.Read(file, state =>
                {
                    if (NameOf(state.Steps.Count) != Path.GetFileName(file)) throw new InvalidDataException($"'{file}' is damaged: it holds {state.Steps.Count} steps.");
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
    /// <param name="state">Where the run stands.</param>
    /// <param name="tensors">The run's tensors.</param>
    /// <param name="others">Also removes checkpoints of later steps: they are of a run that this one replaces.</param>
    /// <exception cref="IOException">It could not be written; names it.</exception>
    public void Save(CheckpointState state, CheckpointTensors tensors, bool others)
    {
        var file = Path.Combine(folder, NameOf(state.Steps.Count));
        CheckpointFile.Write(file, state, tensors);
        var files = Files().ToList();
        int place = files.IndexOf(file);
        // One that is only too old is tried again after the next checkpoint; one of the run that this replaces must not be gone on from.
        foreach (var old in files.Where((name, i) => others && i != place)) FileReplacement.Delete(old);
        foreach (var old in files.Where((name, i) => !others && i <= place - keep)) DeleteWhereItCan(old);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private static string NameOf(int steps) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{steps:d8}{Extension}");

    private static void DeleteWhereItCan(string file)
    {
        try
        {
            FileReplacement.Delete(file);
        }
        catch (HeldFileException)
        {
            // A scanner or a backup reads it; the run need not end for that.
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
            throw new IOException($"The checkpoint '{Path.GetFullPath(file)}' cannot be opened: {error.Message} The run has not begun; close what holds it, or set ContrastiveTrainingOptions.Resume to false to begin anew.", error);
        }
    }

    private IOException Refused(string why, Exception error) => new($"ContrastiveTrainingOptions.CheckpointFolder '{Path.GetFullPath(folder)}' {why}", error);

    /// <summary>The checkpoints there are, oldest first.</summary>
    private IEnumerable<string> Files()
        => Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Prefix}????????{Extension}").Order(StringComparer.Ordinal) : [];
}
