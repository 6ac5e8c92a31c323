using System.Diagnostics;
using Microsoft.Extensions.AI;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>The checkpoints of a run: when one is due, what is written, and what a resumed run gets back.</summary>
internal sealed class TrainingCheckpoints : IDisposable
{
    // Without a number of steps, a killed run may lose the work of this time.
    private static readonly TimeSpan _betweenCheckpoints = TimeSpan.FromMinutes(5);

    private readonly ContrastiveTrainingOptions _options;
    private readonly CheckpointStore _store;
    private readonly CheckpointState _begun;
    private readonly CheckpointTensors _tensors;
    private readonly TrainingStep _step;
    private readonly BestWeights _best;
    private readonly TimeSpan _between;
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private bool _replaces;
    private int _saved;

    public TrainingCheckpoints(
        SentenceEncoder start, TrainingSet set, ContrastiveTrainingOptions options, Device device, TrainingStep step, BestWeights best,
        TrainingWarnings warnings, TimeSpan? between)
    {
        _store = new(options.CheckpointFolder!, options.CheckpointsToKeep, warnings);
        (_options, _step, _best, _replaces, _between) = (options, step, best, !options.Resume, between ?? _betweenCheckpoints);
        var weights = step.Parameters.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        _tensors = new(weights, step.Optimizer.ExpAvg, step.Optimizer.ExpAvgSq, best.Tensors);
        var model = (EmbeddingGeneratorMetadata)start.GetService(typeof(EmbeddingGeneratorMetadata))!;
        _begun = new()
        {
            Version = CheckpointState.CurrentVersion,
            // In another number format the start encoder finds other false negatives and has other scores.
            StartEncoder = $"{model.DefaultModelId!}, {start.Options.Precision}",
            Data = TrainingDataFingerprint.Of(set.Rows),
            // The device that is used: a run that does not name it is the same as one that does.
            Options = Identity((options with { Device = device.ToString() }).Describe()),
            Steps = [],
            Evaluations = [],
            Best = null,
            Elapsed = default,
        };
    }

    /// <summary>Loads the newest checkpoint, if there is one and the run resumes.</summary>
    /// <exception cref="IOException">The folder cannot be made, another run uses it, or a checkpoint cannot be opened.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run; says in what it differs.</exception>
    public CheckpointState? Load()
    {
        _store.Prepare();
        if (!_options.Resume) return null;
        var state = _store.Load((found, file) =>
        {
            // Earlier versions wrote options into their checkpoints that are left out today.
            (found with { Options = Identity(found.Options) }).Require(_begun, file);
            if (found.Best is not null) _best.MakeRoom();
        }, _tensors);
        if (state is null) return null;
        _step.Optimizer.Steps = _saved = state.Steps.Count;
        _best.Evaluation = state.Best;
        return state;
    }

    /// <summary>Whether a checkpoint is due after a step.</summary>
    public bool IsDue(int step, int stepsPerEpoch) => _options.CheckpointEvery > 0 ? step % _options.CheckpointEvery == 0
        : step % stepsPerEpoch == 0 || _sinceLast.Elapsed >= _between;

    /// <summary>Writes a checkpoint, unless there is one of the newest step.</summary>
    public void Save(IReadOnlyList<TrainingProgress> steps, IReadOnlyList<TrainingEvaluation> evaluations, TimeSpan elapsed)
    {
        if (_saved == steps.Count) return;
        var state = _begun with { Steps = steps, Evaluations = evaluations, Best = _best.Evaluation, Elapsed = elapsed };
        _store.Save(state, _tensors, _replaces);
        (_replaces, _saved) = (false, steps.Count);
        _sinceLast.Restart();
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    // The options that make a run another run; those of other versions, which are in no table, count too.
    private static Dictionary<string, string> Identity(IReadOnlyDictionary<string, string> options) => options
        .Where(option => TrainingOption.Find(option.Key) is null or { ChangesWeights: true })
        .ToDictionary(option => option.Key, option => option.Value, StringComparer.Ordinal);
}
