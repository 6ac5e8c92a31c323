using System.Diagnostics;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Evaluation;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Native;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Checkpoints;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Fine-tunes a sentence encoder with the contrastive loss of SynCSE and SimCSE.</summary>
/// <remarks>The methods may be called from several threads at once. Each call trains a copy of its own, on all cores of the
/// machine.</remarks>
public static class ContrastiveTrainer
{
    /// <summary>Trains a copy of an encoder, on the calling thread.</summary>
    /// <param name="start">The encoder to start from. It is not changed, belongs to the caller, and must live until this returns.</param>
    /// <param name="examples">
    /// The rows, all of one kind: anchors alone (unsupervised SimCSE), with one or more positives, or with one or more positives and hard
    /// negatives. Rows with an empty text are left out and counted, and so are rows whose hard negatives are all equal to positives of
    /// theirs; of several hard negatives, another takes the place of such a one. No prompt is put before a text, in training or in its
    /// evaluations: to train with a prompt, write it before the texts.
    /// </param>
    /// <param name="options">Default: a new <see cref="ContrastiveTrainingOptions"/>.</param>
    /// <param name="progress">Reported to after every step, on the thread that trains. Default: null, none.</param>
    /// <param name="cancellationToken">Checked before every step and every batch of an evaluation. A cancelled run keeps its checkpoints
    /// and its log, and resumes from them when it is run again.</param>
    /// <returns>The tuned encoder and the figures of the run. The result owns the encoder.</returns>
    /// <exception cref="ArgumentException">The examples cannot be trained on, or an option is out of its range; names it.</exception>
    /// <exception cref="NotSupportedException">Precision is BFloat16 and the CPU does not support it, or MlmWeight is over 0 and the
    /// tokenizer has no mask token.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a gradient became NaN or infinite, or the loss exploded; names the step, its
    /// learning rate and its examples.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint folder holds another run; says in what it differs.</exception>
    /// <exception cref="IOException">A checkpoint could not be read or written, or another run uses the folder; names it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <example><code>
    /// TrainingExample[] examples = [new("My parcel has not come.", "The package is still missing.", "My parcel has come.") /* , ... */];
    /// using var start = SentenceEncoder.LoadDefault();
    /// using var result = ContrastiveTrainer.Train(start, examples, new() { Epochs = 3 });
    /// result.Encoder.Save("tuned");
    /// </code></example>
    public static TrainingResult Train(
        SentenceEncoder start, IReadOnlyList<TrainingExample> examples, ContrastiveTrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(examples);
        options ??= new();
        options.Validate();
        var set = TrainingSet.Create(examples);
        cancellationToken.ThrowIfCancellationRequested();
        using var gradients = torch.inference_mode(false); // the caller's thread may be in another mode
        using var run = new TrainingRun(start, set, options);
        return run.Execute(progress, cancellationToken);
    }

    /// <summary>Trains a copy of an encoder as <see cref="Train"/> does, on a thread of its own.</summary>
    /// <param name="start">The encoder to start from. It is not changed, belongs to the caller, and must live until the task has
    /// ended.</param>
    /// <param name="examples">As for <see cref="Train"/>; not to be changed before the task has ended.</param>
    /// <param name="options">Default: a new <see cref="ContrastiveTrainingOptions"/>.</param>
    /// <param name="progress">Reported to after every step, on the thread that trains. Default: null, none.</param>
    /// <param name="cancellationToken">As for <see cref="Train"/>; the task then ends as cancelled.</param>
    /// <returns>A task whose result is that of <see cref="Train"/>, and which ends with the exceptions of <see cref="Train"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="start"/> or <paramref name="examples"/> is null.</exception>
    public static Task<TrainingResult> TrainAsync(
        SentenceEncoder start, IReadOnlyList<TrainingExample> examples, ContrastiveTrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(examples);
        // A training takes minutes to hours and would keep a thread of the pool.
        return Task.Factory.StartNew(
            () => Train(start, examples, options, progress, cancellationToken), cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }
}

/// <summary>One training run. Its loop, <see cref="RunSteps"/>, takes a batch from the sampler, makes a step of it (encode, loss,
/// gradients, new weights), evaluates, reports, and writes a checkpoint.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly SentenceEncoder _start;
    private readonly TrainingSet _set;
    private readonly ContrastiveTrainingOptions _options;
    private readonly IReadOnlyList<TrainingExample> _rows, _heldOut;
    private readonly EncoderModel _model;
    private readonly TrainingStep _step;
    private readonly TrainingEvaluator _evaluator;
    private readonly TrainingWarnings _warnings;
    private readonly TrainingCheckpoints? _checkpoints;
    private readonly LossWatch _watch;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<TrainingProgress> _steps = [];
    private FalseNegativeMask? _falseNegatives;
    private TrainingLogFile? _log;
    private TimeSpan _elapsedBefore;
    private int _truncated;
    private bool _handedOver;

    /// <summary>Copies the start encoder and makes everything that a run needs.</summary>
    /// <param name="start">The encoder to start from.</param>
    /// <param name="set">The rows.</param>
    /// <param name="options">The options, which are valid.</param>
    /// <param name="maskedLanguage">The head and the masking of the masked-language-model loss; null for a fresh head and BERT's
    /// masking.</param>
    /// <param name="betweenCheckpoints">The time between checkpoints if the options name no steps; null for the default.</param>
    public TrainingRun(
        SentenceEncoder start, TrainingSet set, ContrastiveTrainingOptions options, MaskedLanguageSetup? maskedLanguage = null,
        TimeSpan? betweenCheckpoints = null)
    {
        (_start, _set, _options) = (start, set, options);
        _warnings = new(options.Logger);
        _watch = new(_warnings);
        (_rows, _heldOut) = HeldOutSplit.Split(set, options);
        var evaluator = options.Evaluator ?? (_heldOut.Count > 0 ? new TripletEvaluator(_heldOut) : null);
        Require(set, options, evaluator is not null);
        // Before the copy is made: an encoder that cannot mask throws here.
        if (options.MlmWeight == 0) maskedLanguage = null;
        else maskedLanguage ??= start.Use(model => MaskedLanguageSetup.Fresh(model.Tokenizer, options.Seed));
        _model = start.Use(model => Copy(model, set.Mode, options));
        try
        {
            _step = new(_model, options, maskedLanguage);
            _evaluator = new(evaluator, start, _model, options, _warnings);
            if (options.CheckpointFolder is not null)
                _checkpoints = new(start, set, options, _model.Device, _step, _evaluator.Best, _warnings, betweenCheckpoints);
        }
        catch
        {
            // The caller has no run yet to dispose.
            _step?.Dispose();
            _model.Dispose();
            throw;
        }
    }

    /// <summary>Runs all steps that are not done yet.</summary>
    public TrainingResult Execute(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var activity = TrainingTelemetry.Start(_set.Mode, _rows.Count);
        try
        {
            RunSteps(progress, cancellationToken);
            var result = Finish();
            TrainingTelemetry.End(activity, result.Summary);
            return result;
        }
        catch (Exception error)
        {
            TrainingTelemetry.Fail(activity, error);
            throw;
        }
    }

    private void RunSteps(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        int maxTokens = Math.Min(_options.MaxSequenceLength, _model.Network.MaxTokens);
        var tokens = new TokenizedRows(_model.Tokenizer, _rows, maxTokens, cancellationToken);
        _truncated = tokens.TruncatedSentences;
        var sampler = new BatchSampler(_rows, _options);
        int total = sampler.TotalSteps(_options.Epochs);
        var schedule = new LearningRateSchedule(_options.LearningRate, _options.WarmupSteps, total);
        Announce(total, maxTokens);
        Resume();
        var place = new StepPlace(_steps.Count, total, 0, 0);
        int[] batch = [];
        try
        {
            Evaluate(sampler, total, cancellationToken);                // a run may have ended in the evaluation of a step that it kept
            if (TrainingStepLog.PathOf(_options) is { } log) _log = new(log, _steps);
            _evaluator.ScoreStart(cancellationToken);
            if (_options.FalseNegativeThreshold is { } threshold && _steps.Count < total)
                _falseNegatives = new(_rows, threshold, texts => _evaluator.EncodeWithStart(texts, cancellationToken), _model.Device);
            var begun = Stopwatch.StartNew();
            int before = _steps.Count;
            var batches = sampler.Remaining(before, _options.Epochs);
            foreach (var (epoch, rows) in _evaluator.StopsEarly ? [] : batches)
            {
                if (cancellationToken.IsCancellationRequested) Save();
                cancellationToken.ThrowIfCancellationRequested();
                int step = _steps.Count + 1;
                (place, batch) = (new(step, total, epoch, schedule.At(step)), rows);
                var started = begun.Elapsed;
                var report = _step.Run(place, tokens, batch, _falseNegatives);
                _watch.Look(report);
                _steps.Add(report);
                var took = begun.Elapsed - started;
                Evaluate(sampler, total, cancellationToken);
                report = _steps[^1] = _steps[^1] with { TimeLeft = begun.Elapsed / (step - before) * (total - step) };
                TrainingTelemetry.Stepped(report, took);
                _log?.Add(report);
                bool ends = step == total || _evaluator.StopsEarly;
                if (ends || _checkpoints?.IsDue(step, sampler.StepsPerEpoch) == true) Save();
                if (_options.ReleaseMemoryEvery > 0 && step % _options.ReleaseMemoryEvery == 0) HeapTrim.Run();
                progress?.Report(report);
                if (ends) break;
            }
        }
        catch (DivergedLossException error)
        {
            throw Diverged(error, place, batch);
        }
        _watch.End();
        _warnings.Forced(sampler.Forced);
        if (_steps.Count > 0) _warnings.Masked(_steps.Average(step => step.MaskedShare));
        if (_evaluator.StopsEarly) _warnings.StoppedEarly(_steps.Count, total, _evaluator.Best.Evaluation!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _evaluator.Dispose();
        _falseNegatives?.Dispose();
        _step.Dispose();
        if (!_handedOver) _model.Dispose();
        _checkpoints?.Dispose();
        _log?.Dispose();                                                // last, because a full disk makes it throw
    }

    private void Announce(int total, int maxTokens)
    {
        _warnings.Truncated(_truncated, _rows.Sum(r => 1 + r.Positives.Count + r.Negatives.Count), maxTokens);
        _warnings.Prompt(_start);
        if (_options.Precision == Precision.BFloat16 && _model.Device.type == DeviceType.CPU)
            _warnings.Precision(BFloat16Support.GainOfCpu);
        _warnings.About(_set, _rows.Count, _heldOut.Count, _evaluator.HasEvidence, total, _options);
    }

    // Scores the weights of the newest step if that is due and not done. If it throws, the step is kept in a checkpoint.
    private void Evaluate(BatchSampler sampler, int total, CancellationToken cancellationToken)
    {
        try
        {
            if (_evaluator.ScoreIfDue(_steps.Count, sampler.StepsPerEpoch, total, cancellationToken) is { } evaluation)
                _steps[^1] = _steps[^1] with { Score = evaluation.Score };
        }
        catch (Exception error) when (error is not DivergedLossException)
        {
            Save();
            throw;
        }
    }

    private void Save() => _checkpoints?.Save(_steps, _evaluator.Evaluations, _elapsedBefore + _clock.Elapsed);

    private void Resume()
    {
        if (_checkpoints?.Load() is not { } state) return;
        // The losses seen before count on: else a run that had begun to explode would get new time for it.
        foreach (var step in state.Steps) _watch.Look(step);
        _steps.AddRange(state.Steps);
        _evaluator.Evaluations.AddRange(state.Evaluations);
        _elapsedBefore = state.Elapsed;
        _warnings.Resumed(_steps.Count, _options.Evaluator);
    }

    private TrainingResult Finish()
    {
        var best = _evaluator.Best.Evaluation;
        var start = _evaluator.Evaluations.FirstOrDefault(e => e.Step == 0);
        bool keepStart = _options.KeepStartIfWorse && start?.Score > best?.Score;
        if (keepStart) _warnings.KeptStart(start!.Score, best!);
        var summary = Summary(keepStart, _elapsedBefore + _clock.Elapsed);
        var card = TrainingCard.Of(_start.Card, _set, summary);
        if (keepStart) return new(_start.Copy(card), _steps, summary);
        if (best is not null) _evaluator.Best.Restore();
        _model.Freeze();
        _handedOver = true;
        return new(SentenceEncoder.Over(_model, _start.Options, card), _steps, summary);
    }

    private TrainingDivergedException Diverged(DivergedLossException error, StepPlace place, int[] batch)
    {
        var best = _evaluator.Best.Evaluation;
        // An earlier step may have spoilt the weights, without a sign in its own figures.
        bool weightsAreFinite = error.WeightsAreFinite && _model.Parameters.All(p => IsFinite(p.Value));
        Func<SentenceEncoder>? lastGood = null;
        if (best is not null || weightsAreFinite)
        {
            if (best is not null) _evaluator.Best.Restore();
            var card = TrainingCard.Of(_start.Card, _set, Summary(false, default));
            var (make, options) = (_model.Snapshot(), _start.Options);
            lastGood = () => SentenceEncoder.Over(make(), options, card);
        }
        return new(error, place, batch.Select(row => _set.PlaceOf(_rows[row])), best, lastGood);
    }

    private TrainingSummary Summary(bool keepStart, TimeSpan elapsed) => new()
    {
        Mode = _set.Mode,
        Examples = _rows.Count,
        HeldOutExamples = _heldOut.Count,
        SkippedExamples = _set.Skipped,
        ContradictoryExamples = _set.Contradictory,
        ReplacedNegatives = _set.Replaced,
        TruncatedSentences = _truncated,
        Steps = _steps.Count,
        BestStep = keepStart ? 0 : _evaluator.Best.Evaluation?.Step ?? _steps.Count,
        KeptStart = keepStart,
        FirstLoss = _steps.Count > 0 ? _steps[0].Loss : double.NaN,
        LastLoss = _steps.Count > 0 ? _steps[^1].Loss : double.NaN,
        Elapsed = elapsed,
        Evaluations = _evaluator.Evaluations,
        Settings = _options.Describe(),
        Warnings = _warnings.Texts,
    };

    private static void Require(TrainingSet set, ContrastiveTrainingOptions options, bool hasEvidence)
    {
        if (options.HardNegativeWeight != 0 && set.Rows[0].Negatives.Count == 0)
            throw new ArgumentException("ContrastiveTrainingOptions.HardNegativeWeight needs hard negatives, and the examples have none: "
                + "give them, or leave it at 0.", nameof(options));
        if (options.EarlyStoppingPatience > 0 && !hasEvidence)
            throw new ArgumentException("ContrastiveTrainingOptions.EarlyStoppingPatience needs scores to wait for, and nothing is held "
                + "out: leave it at 0, or hold some out. " + HeldOutSplit.WhatWould(set.Rows, options), nameof(options));
    }

    // The model that is trained: a copy on the run's device, with the run's pooling and head.
    private static EncoderModel Copy(EncoderModel start, TrainingMode mode, ContrastiveTrainingOptions options)
    {
        double dropout = options.Dropout ?? Math.Max(start.Network.HiddenDropout, start.Network.AttentionDropout);
        if (mode == TrainingMode.Unsupervised && dropout == 0)
            throw new ArgumentException("Anchors alone are trained on by two passes that differ in dropout, and Dropout is 0: "
                + "set ContrastiveTrainingOptions.Dropout over 0, or give positives.", nameof(options));
        var device = options.Device is null ? start.Device : TorchRuntime.PickDevice(options.Device);
        if (options.Precision == Precision.BFloat16)
            BFloat16Support.Require($"ContrastiveTrainingOptions.{nameof(options.Precision)}", device);
        var pooling = options.Pooling ?? start.Pooling;
        if (options.ProjectionHead == ProjectionHead.None) return start.Clone(device, pooling);
        using var generator = new torch.Generator((ulong)SeedMixer.Mix(options.Seed, "head"));
        using var fresh = DenseHead.Fresh(start.Dimensions, generator, device);
        return start.Clone(device, pooling, fresh.Clone(device));
    }

    private static bool IsFinite(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.isfinite().all().item<bool>();
    }
}
