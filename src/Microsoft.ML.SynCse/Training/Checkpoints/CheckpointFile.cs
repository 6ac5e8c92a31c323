using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Weights;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>One checkpoint: a zip of a JSON file and safetensors files, whose checksums show every damage.</summary>
internal static class CheckpointFile
{
    private const string StateFile = "state.json";
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    /// <exception cref="IOException">It could not be written; names it.</exception>
    public static void Write(string path, CheckpointState state, CheckpointTensors tensors) => AtomicFile.Write(path, file =>
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        using (var entry = zip.CreateEntry(StateFile, CompressionLevel.Fastest).Open()) JsonSerializer.Serialize(entry, state, Json);
        foreach (var (name, group) in tensors.Groups(state))
        {
            using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            SafetensorsWriter.Write(entry, group);
        }
    });

    /// <summary>Reads where a checkpoint stands, and its tensors into those of the run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="check">Throws where it belongs to another run; asked before a tensor is read.</param>
    /// <param name="run">The run's tensors.</param>
    /// <exception cref="InvalidDataException">The file is damaged; names it, and the run's tensors are as they were.</exception>
    public static CheckpointState Read(string path, Action<CheckpointState> check, CheckpointTensors run)
    {
        using var zip = OpenZip(path);
        var files = ZipFileSource.Whole(zip, path);
        var state = ReadState(files, path);
        check(state);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var stored = new List<(EncoderWeights Weights, IReadOnlyDictionary<string, Tensor> Targets)>();
        try
        {
            // Everything is read, and proved by its checksum, before the first tensor is overwritten.
            foreach (var (name, group) in run.Groups(state))
            {
                files.TryRead(name, stream => stream.CopyTo(Stream.Null));
                stored.Add((Weights(files, name, group), group));
            }
            foreach (var (weights, targets) in stored)
                foreach (var (name, target) in targets) target.copy_(weights[name]);
        }
        finally
        {
            foreach (var (weights, _) in stored) weights.Dispose();
        }
        return state;
    }

    private static EncoderWeights Weights(IModelFileSource files, string name, IReadOnlyDictionary<string, Tensor> group)
        => EncoderWeights.Read(files, name, [.. group.Select(t => new WeightSpec(t.Key, t.Value.shape))], "", CPU);

    private static CheckpointState ReadState(IModelFileSource files, string path)
    {
        try
        {
            CheckpointState? state = null;
            if (!files.TryRead(StateFile, stream => state = JsonSerializer.Deserialize<CheckpointState>(stream, Json)) || state is null) throw new InvalidDataException($"'{path}' is no checkpoint: it has no {StateFile}.");
            if (state.Version != CheckpointState.CurrentVersion) throw new InvalidDataException($"'{path}' is a checkpoint of version {state.Version}; this library reads version {CheckpointState.CurrentVersion}.");
            // JSON's null stands where C# allows none.
            bool whole = state is { StartEncoder: not null, Data: not null, Options: not null, Steps: not null, Evaluations: not null } && state.Options.Values.All(o => o is not null)
                && state.Steps.All(s => s is not null) && state.Evaluations.All(e => e?.Metrics is not null) && (state.Best is null || state.Best.Metrics is not null);
            return whole ? state : throw new InvalidDataException($"'{path}' is damaged: its {StateFile} has an empty place.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is damaged: its {StateFile} is not valid ({error.Message}).", error);
        }
    }

    private static ZipArchive OpenZip(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}' is damaged: {error.Message}", error);
        }
    }
}
