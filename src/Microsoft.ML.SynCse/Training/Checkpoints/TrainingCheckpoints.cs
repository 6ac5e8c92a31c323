using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Training.Steps;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>A run's checkpoints: what of the run goes into them and comes back.</summary>
internal sealed class TrainingCheckpoints : IDisposable
{
    // They decide where a run is watched and kept and what memory it takes, not what becomes of its weights.
    private static readonly string[] Harmless =
        [nameof(ContrastiveTrainingOptions.CheckpointEvery), nameof(ContrastiveTrainingOptions.CheckpointsToKeep), nameof(ContrastiveTrainingOptions.Resume), nameof(ContrastiveTrainingOptions.KeepStartIfWorse),
            nameof(ContrastiveTrainingOptions.EarlyStoppingPatience), nameof(ContrastiveTrainingOptions.GradientCacheChunk),
            nameof(ContrastiveTrainingOptions.ReleaseMemoryEvery)];

    private readonly CheckpointStore _store;
    private readonly CheckpointState _begun;
    private readonly CheckpointTensors _tensors;
    private readonly TrainingStep _step;
    private readonly BestWeights _best;
    private readonly bool _resumes;
    private bool _replaces;

    public TrainingCheckpoints(SentenceEncoder start, TrainingSet set, ContrastiveTrainingOptions options, Device device, TrainingStep step, BestWeights best, TrainingWarnings warnings)
    {
        _store = new(options.CheckpointFolder!, options.CheckpointsToKeep, warnings);
        (_step, _best, _resumes, _replaces) = (step, best, options.Resume, !options.Resume);
        _tensors = new(step.Parameters.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal), step.Optimizer.Means, step.Optimizer.Squares, best.Tensors);
        _begun = new()
        {
            Version = CheckpointState.CurrentVersion,
            // In another format it finds other false negatives and has other scores.
            StartEncoder = $"{((EmbeddingGeneratorMetadata)start.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelId!}, {start.Options.Precision}",
            Data = TrainingDataFingerprint.Of(set.Rows),
            // The device as it came out: not to name it is no other run than to name the one that is used.
            Options = Telling((options with { Device = device.ToString() }).Describe()),
            Steps = [],
            Evaluations = [],
            Best = null,
            Elapsed = default,
        };
    }

    /// <summary>Goes on from the newest checkpoint, where there is one and the run resumes.</summary>
    /// <exception cref="IOException">The folder cannot be made, another run is at work in it, or a checkpoint cannot be opened.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint belongs to another run; says in what.</exception>
    public CheckpointState? Load()
    {
        _store.Prepare();
        if (!_resumes) return null;
        var state = _store.Load((found, file) =>
        {
            // An earlier library wrote options into its checkpoints that are left out today.
            (found with { Options = Telling(found.Options) }).Require(_begun, file);
            if (found.Best is not null) _best.MakeRoom();
        }, _tensors);
        if (state is null) return null;
        _step.Optimizer.Steps = state.Steps.Count;
        _best.Evaluation = state.Best;
        return state;
    }

    /// <summary>Writes one.</summary>
    public void Save(IReadOnlyList<TrainingProgress> steps, IReadOnlyList<TrainingEvaluation> evaluations, TimeSpan elapsed)
    {
        _store.Save(_begun with { Steps = steps, Evaluations = evaluations, Best = _best.Evaluation, Elapsed = elapsed }, _tensors, _replaces);
        _replaces = false;
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private static Dictionary<string, string> Telling(IReadOnlyDictionary<string, string> options)
        => options.Where(o => !Harmless.Contains(o.Key)).ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal);
}
