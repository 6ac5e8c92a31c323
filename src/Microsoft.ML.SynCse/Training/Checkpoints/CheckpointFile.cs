using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>One checkpoint: a zip of a JSON file and safetensors files; its checksums show any damage.</summary>
internal static class CheckpointFile
{
    private const string StateFile = "state.json";
    private static readonly JsonSerializerOptions _json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Writes a checkpoint; the file is complete or not there at all.</summary>
    /// <exception cref="IOException">It could not be written; names it.</exception>
    public static void Write(string path, CheckpointState state, CheckpointTensors tensors) => AtomicFile.Write(path, file =>
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        using (var entry = zip.CreateEntry(StateFile, CompressionLevel.Fastest).Open()) JsonSerializer.Serialize(entry, state, _json);
        foreach (var (name, group) in tensors.Groups(state))
        {
            using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            SafetensorsWriter.Write(entry, group);
        }
    });

    /// <summary>Reads the state of a run, and the tensors of a checkpoint into those of the run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="check">Throws if the checkpoint belongs to another run; called before a tensor is read.</param>
    /// <param name="run">The run's tensors.</param>
    /// <exception cref="InvalidDataException">The file is damaged; names it. The run's tensors have not changed.</exception>
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
                var specs = group.Select(t => new WeightSpec(t.Key, t.Value.shape)).ToArray();
                stored.Add((EncoderWeights.Read(files, name, specs, "", CPU), group));
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

    private static CheckpointState ReadState(IModelFileSource files, string path)
    {
        try
        {
            CheckpointState? state = null;
            if (!files.TryRead(StateFile, stream => state = JsonSerializer.Deserialize<CheckpointState>(stream, _json)) || state is null)
                throw new InvalidDataException($"'{path}' is no checkpoint: it has no {StateFile}.");
            if (state.Version != CheckpointState.CurrentVersion)
                throw new InvalidDataException($"'{path}' is a checkpoint of version {state.Version}; this library reads version "
                    + $"{CheckpointState.CurrentVersion}.");
            // JSON may have null for a property that must not be null in C#.
            bool whole = state is { StartEncoder: not null, Data: not null, Options: not null, Steps: not null, Evaluations: not null }
                && state.Options.Values.All(o => o is not null) && state.Steps.All(s => s is not null)
                && state.Evaluations.All(e => e?.Metrics is not null) && (state.Best is null || state.Best.Metrics is not null);
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

/// <summary>The part of a checkpoint that is no tensor: the state of the run, and what it was begun with.</summary>
internal sealed record CheckpointState
{
    /// <summary>The version of the format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of the format of this checkpoint.</summary>
    public required int Version { get; init; }

    /// <summary>The fingerprint of the start encoder, and its precision.</summary>
    public required string StartEncoder { get; init; }

    /// <summary>The fingerprint of the rows, their order and weights included.</summary>
    public required string Data { get; init; }

    /// <summary>The options by name, without those that do not change the weights.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Every step so far.</summary>
    public required IReadOnlyList<TrainingProgress> Steps { get; init; }

    /// <summary>Every evaluation so far.</summary>
    public required IReadOnlyList<TrainingEvaluation> Evaluations { get; init; }

    /// <summary>The evaluation of the best weights so far; null if there was none.</summary>
    public required TrainingEvaluation? Best { get; init; }

    /// <summary>The time that the run took so far, in all its parts.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Throws if this checkpoint was written by another run.</summary>
    /// <param name="begun">The run that wants to resume.</param>
    /// <param name="file">The checkpoint's file.</param>
    /// <exception cref="InvalidOperationException">It has another start encoder, other data or another option; names it.</exception>
    public void Require(CheckpointState begun, string file)
    {
        if (StartEncoder != begun.StartEncoder) throw Differs("was begun from another encoder");
        if (Data != begun.Data) throw Differs("was begun on other training data");
        foreach (string? name in Options.Keys.Union(begun.Options.Keys).Order(StringComparer.Ordinal))
        {
            // An option that is newer than the checkpoint had its default then.
            string then = Options.GetValueOrDefault(name) ?? TrainingOption.Find(name)?.Default ?? "";
            string now = begun.Options.GetValueOrDefault(name, "");
            if (then != now) throw Differs($"was begun with {name} = {Shown(then)}, and now it is {Shown(now)}");
        }

        InvalidOperationException Differs(string how) => new(
            $"The run in '{file}' {how}: give another CheckpointFolder, or set Resume to false to begin anew and replace it.");
        static string Shown(string value) => value.Length == 0 ? "null" : value;
    }
}

/// <summary>The tensors of a run, by group and name; a checkpoint is written from them, and read into them.</summary>
/// <param name="Weights">The weights of the model, and of heads that live as long as the run.</param>
/// <param name="ExpAvg">The optimizer's running means of the gradients.</param>
/// <param name="ExpAvgSq">The optimizer's running means of the squared gradients.</param>
/// <param name="Best">The best weights so far; none before the first evaluation.</param>
internal sealed record CheckpointTensors(
    IReadOnlyDictionary<string, Tensor> Weights, IReadOnlyDictionary<string, Tensor> ExpAvg, IReadOnlyDictionary<string, Tensor> ExpAvgSq,
    IReadOnlyDictionary<string, Tensor> Best)
{
    // Part of every checkpoint: with other names, older ones cannot be read.
    private const string WeightsFile = "weights.safetensors", ExpAvgFile = "means.safetensors", ExpAvgSqFile = "squares.safetensors";
    private const string BestFile = "best.safetensors";

    /// <summary>The groups of a checkpoint, each with the name of its file.</summary>
    /// <param name="state">The checkpoint; before the first evaluation it has no best weights.</param>
    public IEnumerable<(string File, IReadOnlyDictionary<string, Tensor> Tensors)> Groups(CheckpointState state)
    {
        yield return (WeightsFile, Weights);
        yield return (ExpAvgFile, ExpAvg);
        yield return (ExpAvgSqFile, ExpAvgSq);
        if (state.Best is not null) yield return (BestFile, Best);
    }
}
