using System.Globalization;

namespace Microsoft.ML.SynCse;

/// <summary>The checkpoints of one run in a folder: step-00000120.checkpoint and the like, the newest few.</summary>
internal sealed class CheckpointStore(string folder, int keep, TrainingWarnings warnings)
{
    private const string Prefix = "step-", Extension = ".checkpoint";

    /// <summary>Makes the folder, so that a run does not find out at its first checkpoint that it has none, and removes what a run that was killed left half written.</summary>
    /// <exception cref="IOException">It cannot be made, or not cleaned; names it.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var half in Directory.GetFiles(folder, $"{Prefix}????????{Extension}.*{BesideTarget.Suffix}")) File.Delete(half);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"ContrastiveTrainingOptions.CheckpointFolder '{Path.GetFullPath(folder)}' cannot be made or cleaned: {error.Message}", error);
        }
    }

    /// <summary>Goes on from the newest checkpoint that can be read.</summary>
    /// <param name="check">Throws where a checkpoint belongs to another run; asked before a tensor is read.</param>
    /// <param name="tensors">The run's tensors, which are overwritten.</param>
    /// <returns>Where the run stands, or null: it begins.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run; says in what.</exception>
    public CheckpointState? Load(Action<CheckpointState, string> check, CheckpointTensors tensors)
    {
        foreach (var file in Files().Reverse())
        {
            try
            {
                return CheckpointFile.Read(file, state => check(state, file), tensors);
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                warnings.DamagedCheckpoint(error.Message);
            }
        }
        return null;
    }

    /// <summary>Writes a checkpoint, and removes those that are too old.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <param name="tensors">The run's tensors.</param>
    /// <param name="others">Also removes checkpoints of later steps: they are of a run that this one replaces.</param>
    /// <exception cref="IOException">It could not be written; names it.</exception>
    public void Save(CheckpointState state, CheckpointTensors tensors, bool others)
    {
        var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.Steps.Count:d8}{Extension}"));
        CheckpointFile.Write(file, state, tensors);
        var files = Files().ToList();
        int place = files.IndexOf(file);
        foreach (var old in files.Where((name, i) => i <= place - keep || (others && i != place))) File.Delete(old);
    }

    /// <summary>The checkpoints there are, oldest first.</summary>
    private IEnumerable<string> Files()
        => Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Prefix}????????{Extension}").Order(StringComparer.Ordinal) : [];
}
