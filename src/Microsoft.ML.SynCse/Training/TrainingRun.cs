using System.Diagnostics;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Evaluation;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Native;
using Microsoft.ML.SynCse.Training.Checkpoints;
using Microsoft.ML.SynCse.Training.Objectives;
using Microsoft.ML.SynCse.Training.Steps;
using TorchSharp;

namespace Microsoft.ML.SynCse.Training;

/// <summary>One training run: sample, step, report, evaluate, keep the best, go on from a checkpoint.</summary>
internal sealed class TrainingRun : IDisposable
{
    // Rows are trained on as they are, so both encoders are scored on them so.
    private static readonly EncodingOptions NoPrompt = new() { PromptName = "" };

    // Where no number of steps is said: so much work a killed run may lose.
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromMinutes(5);

    private readonly SentenceEncoder _start;
    private readonly TrainingSet _set;
    private readonly ContrastiveTrainingOptions _options;
    private readonly IReadOnlyList<TrainingExample> _rows, _heldOut;
    private readonly IEncoderEvaluator? _evaluator;
    private readonly EncoderModel _model;
    private readonly TrainingStep _step;
    private readonly BestWeights _best;
    private readonly TrainingWarnings _warnings;
    private readonly TrainingCheckpoints? _checkpoints;
    private readonly LossWatch _watch;
    private readonly TimeSpan _betweenCheckpoints;
    private readonly Stopwatch _clock = Stopwatch.StartNew(), _sinceCheckpoint = Stopwatch.StartNew();
    private readonly List<TrainingProgress> _steps = [];
    private readonly List<TrainingEvaluation> _evaluations = [];
    private FalseNegativeMask? _falseNegatives;
    private TrainingLogFile? _log;
    private TimeSpan _elapsedBefore;
    private int _saved;
    private bool _handedOver;

    public TrainingRun(SentenceEncoder start, TrainingSet set, ContrastiveTrainingOptions options, MaskedLanguageSetup? maskedLanguage = null, TimeSpan? betweenCheckpoints = null)
    {
        (_start, _set, _options, _betweenCheckpoints) = (start, set, options, betweenCheckpoints ?? BetweenCheckpoints);
        _warnings = new(options.Logger);
        bool splits = options.Evaluator is null && set.Mode != TrainingMode.Unsupervised && options.ValidationFraction > 0;
        (_rows, _heldOut) = splits ? HeldOutSplit.Split(set.Rows, options.ValidationFraction, options.Seed) : (set.Rows, []);
        _evaluator = options.Evaluator ?? (_heldOut.Count > 0 ? new TripletEvaluator(_heldOut) : null);
        Require(set, options, _evaluator is not null);
        // Before the copy is made: an encoder that cannot mask says so here.
        maskedLanguage = options.MlmWeight == 0 ? null : maskedLanguage ?? start.Use(model => MaskedLanguageSetup.Fresh(model.Tokenizer, options.Seed));
        _watch = new(_warnings);
        _model = start.Use(model => TrainableCopy.Create(model, set.Mode, options));
        try
        {
            _step = new(_model, options, maskedLanguage);
            _best = new(_model);
            if (options.CheckpointFolder is not null) _checkpoints = new(start, set, options, _model.Device, _step, _best, _warnings);
        }
        catch
        {
            // Nobody has this run yet who could dispose it.
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
            var result = Run(progress, cancellationToken);
            TrainingTelemetry.End(activity, result.Summary);
            return result;
        }
        catch (Exception error)
        {
            TrainingTelemetry.Fail(activity, error);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _best.Dispose();
        _falseNegatives?.Dispose();
        _step.Dispose();
        if (!_handedOver) _model.Dispose();
        _checkpoints?.Dispose();
        _log?.Dispose();                                                                                // last: a full disk makes it throw
    }

    private TrainingResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        int maxTokens = Math.Min(_options.MaxSequenceLength, _model.Network.MaxTokens);
        var tokens = new TokenizedRows(_model.Tokenizer, _rows, maxTokens, cancellationToken);
        _warnings.Truncated(tokens.TruncatedSentences, _rows.Sum(r => 1 + r.Positives.Count + r.Negatives.Count), maxTokens);
        var sampler = new BatchSampler(_rows, _options);
        if (_options.Epochs > int.MaxValue / sampler.StepsPerEpoch)
            throw new ArgumentOutOfRangeException(nameof(_options.Epochs), _options.Epochs, $"ContrastiveTrainingOptions.Epochs must be at most {int.MaxValue / sampler.StepsPerEpoch} with {sampler.StepsPerEpoch} steps in each.");
        int total = sampler.StepsPerEpoch * _options.Epochs;
        _warnings.Prompt(_start);
        if (_options.Precision == Precision.BFloat16 && _model.Device.type == DeviceType.CPU) _warnings.Precision(BFloat16Support.GainOfCpu);
        _warnings.About(_set, _rows.Count, _heldOut.Count, _evaluator is not null, total, _options);
        Resume();
        // A run may have ended in an evaluation, behind a step that is kept.
        Guarded(new(_steps.Count, total, 0, 0), [], tokens, () => EvaluateIfDue(sampler, total, cancellationToken));
        if (TrainingStepLog.PathOf(_options) is { } log) _log = new(log, _steps);
        if (_evaluations.Count == 0) Evaluate(0, sentences => _start.Encode(sentences, NoPrompt, cancellationToken: cancellationToken), cancellationToken);
        if (_options.FalseNegativeThreshold is { } threshold && _steps.Count < total)
            _falseNegatives = new(_rows, threshold, sentences => _start.Encode(sentences, NoPrompt, cancellationToken: cancellationToken), _model.Device);
        RunSteps(sampler, total, tokens, progress, cancellationToken);
        return Finish(tokens.TruncatedSentences);
    }

    private static void Require(TrainingSet set, ContrastiveTrainingOptions options, bool hasEvidence)
    {
        if (options.HardNegativeWeight != 0 && set.Rows[0].Negatives.Count == 0)
            throw new ArgumentException("ContrastiveTrainingOptions.HardNegativeWeight needs hard negatives, and the examples have none: give them, or leave it at 0.", nameof(options));
        if (options.EarlyStoppingPatience > 0 && !hasEvidence)
            throw new ArgumentException("ContrastiveTrainingOptions.EarlyStoppingPatience needs scores to wait for, and nothing is held "
                + "out: leave it at 0, or hold some out. " + HeldOutSplit.WhatWould(set.Rows, options), nameof(options));
    }

    private void Resume()
    {
        if (_checkpoints?.Load() is not { } state) return;
        // What was seen of the losses counts on: a run that exploded would else begin to explode anew.
        foreach (var step in state.Steps) _watch.Look(step);
        _steps.AddRange(state.Steps);
        _evaluations.AddRange(state.Evaluations);
        _elapsedBefore = state.Elapsed;
        _saved = _steps.Count;
        _warnings.Resumed(_steps.Count);
        if (_options.Evaluator is { Fingerprint: null } evaluator) _warnings.UnknownEvaluator(evaluator);
    }

    private void RunSteps(BatchSampler sampler, int total, TokenizedRows tokens, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var schedule = new LearningRateSchedule(_options.LearningRate, _options.WarmupSteps, total);
        var (begun, before) = (Stopwatch.StartNew(), _steps.Count);
        // The epochs that are done are counted too for the rows that were forced together.
        int begins = 1 + _steps.Count / sampler.StepsPerEpoch;
        for (int epoch = 1; epoch < begins; epoch++) _ = sampler.Epoch(epoch).Count();
        for (int epoch = begins; epoch <= _options.Epochs && !StopsEarly; epoch++)
        {
            foreach (var batch in sampler.Epoch(epoch).Skip(_steps.Count - (epoch - 1) * sampler.StepsPerEpoch))
            {
                if (cancellationToken.IsCancellationRequested) Save();
                cancellationToken.ThrowIfCancellationRequested();
                var place = new StepPlace(_steps.Count + 1, total, epoch, schedule.At(_steps.Count + 1));
                var started = begun.Elapsed;
                Guarded(place, batch, tokens, () => Step(place, tokens, batch));
                var took = begun.Elapsed - started;
                Guarded(place, batch, tokens, () => EvaluateIfDue(sampler, total, cancellationToken));
                var report = _steps[^1] = _steps[^1] with { TimeLeft = begun.Elapsed / (place.Step - before) * (total - place.Step) };
                TrainingTelemetry.Stepped(report, took);
                _log?.Add(report);
                bool everySteps = _options.CheckpointEvery > 0 && place.Step % _options.CheckpointEvery == 0, inTime = _options.CheckpointEvery == 0 && _sinceCheckpoint.Elapsed >= _betweenCheckpoints;
                if (everySteps || inTime || place.Step % sampler.StepsPerEpoch == 0 && _options.CheckpointEvery == 0 || place.Step == total || StopsEarly) Save();
                if (_options.ReleaseMemoryEvery > 0 && place.Step % _options.ReleaseMemoryEvery == 0) HeapTrim.Run();
                progress?.Report(report);
                if (StopsEarly) break;
            }
        }
        _watch.End();
        _warnings.Forced(sampler.Forced);
        if (_steps.Count > 0) _warnings.Masked(_steps.Average(step => step.MaskedShare));
        if (StopsEarly) _warnings.StoppedEarly(_steps.Count, total, _best.Evaluation!);
    }

    private void Step(StepPlace place, TokenizedRows tokens, int[] batch)
    {
        var report = _step.Run((place.Step, place.Total, place.Epoch, place.Rate), tokens, batch, _falseNegatives);
        _watch.Look(report);
        _steps.Add(report);
    }

    /// <summary>Scores the newest step's weights where that is due and was not done; whatever ends it, the step is kept.</summary>
    private void EvaluateIfDue(BatchSampler sampler, int total, CancellationToken cancellationToken)
    {
        int step = _steps.Count;
        bool due = _options.EvaluateEvery == 0 ? step % sampler.StepsPerEpoch == 0 : step % _options.EvaluateEvery == 0 || step == total;
        if (step == 0 || !due || _evaluations.Any(e => e.Step == step)) return;
        try
        {
            if (Evaluate(step, sentences => Encode(sentences, cancellationToken), cancellationToken) is not { } evaluation) return;
            _best.Offer(evaluation);
            _steps[^1] = _steps[^1] with { Score = evaluation.Score };
        }
        catch (Exception error) when (error is not DivergedLossException)
        {
            Save();
            throw;
        }
    }

    private void Save()
    {
        if (_checkpoints is null || _saved == _steps.Count) return;
        _checkpoints.Save(_steps, _evaluations, _elapsedBefore + _clock.Elapsed);
        _saved = _steps.Count;
        _sinceCheckpoint.Restart();
    }

    private void Guarded(StepPlace place, int[] batch, TokenizedRows tokens, Action work)
    {
        try
        {
            work();
        }
        catch (DivergedLossException error)
        {
            var best = _best.Evaluation;
            var places = batch.Select(row => _set.PlaceOf(_rows[row])).Order().ToArray();
            // An earlier step may have spoilt them, without a sign in its own figures.
            bool weightsAreFinite = error.WeightsAreFinite && _model.Parameters.All(p => IsFinite(p.Value));
            var message = FormattableString.Invariant($"The {error.Message} at step {place.Step} of {place.Total}, learning rate {place.Rate:g4}, on the examples {string.Join(' ', places.Take(10))}{(places.Length > 10 ? " ..." : "")}: lower LearningRate or raise WarmupSteps or Temperature.")
                + (best is not null ? $" The weights of step {best.Step} are kept as LastGood."
                    : weightsAreFinite ? " No weights were evaluated before; those of the step before are kept as LastGood." : " No weights were evaluated before; set EvaluateEvery to keep the last good ones.");
            var lastGood = best is null && !weightsAreFinite ? null : Tuned(TrainingCard.Of(_start.Card, _set, Summary(false, tokens.TruncatedSentences, default)));
            throw new TrainingDivergedException(message, place.Step, place.Rate, lastGood, best, error);
        }
    }

    private static bool IsFinite(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.isfinite().all().item<bool>();
    }

    private bool StopsEarly => _options.EarlyStoppingPatience > 0 && _best.Evaluation is { } best && _evaluations.Count(e => e.Step > best.Step) >= _options.EarlyStoppingPatience;

    private TrainingResult Finish(int truncated)
    {
        var start = _evaluations.FirstOrDefault(e => e.Step == 0);
        bool keepStart = _options.KeepStartIfWorse && start?.Score > _best.Evaluation?.Score;
        if (keepStart) _warnings.KeptStart(start!.Score, _best.Evaluation!);
        var summary = Summary(keepStart, truncated, _elapsedBefore + _clock.Elapsed);
        return new(Result(keepStart, TrainingCard.Of(_start.Card, _set, summary)), _steps, summary);
    }

    private TrainingSummary Summary(bool keepStart, int truncated, TimeSpan elapsed) => new()
    {
        Mode = _set.Mode,
        Examples = _rows.Count,
        HeldOutExamples = _heldOut.Count,
        SkippedExamples = _set.Skipped,
        ContradictoryExamples = _set.Contradictory,
        ReplacedNegatives = _set.Replaced,
        TruncatedSentences = truncated,
        Steps = _steps.Count,
        BestStep = keepStart ? 0 : _best.Evaluation?.Step ?? _steps.Count,
        KeptStart = keepStart,
        FirstLoss = _steps.Count > 0 ? _steps[0].Loss : double.NaN,
        LastLoss = _steps.Count > 0 ? _steps[^1].Loss : double.NaN,
        Elapsed = elapsed,
        Evaluations = _evaluations,
        Settings = _options.Describe(),
        Warnings = _warnings.Texts,
    };

    private SentenceEncoder Result(bool keepStart, ModelCard card)
        => keepStart ? _start.Copy(card) : Tuned(card);

    private SentenceEncoder Tuned(ModelCard card)
    {
        if (_best.Evaluation is not null) _best.Restore();
        _model.Freeze();
        _handedOver = true;
        return SentenceEncoder.Over(_model, _start.Options, card);
    }

    private TrainingEvaluation? Evaluate(int step, Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken)
    {
        if (_evaluator is null) return null;
        cancellationToken.ThrowIfCancellationRequested();
        var found = _evaluator.Evaluate(sentences => Finite(encode(sentences), step), cancellationToken);
        if (found?.Metrics is null) throw Wrong("returned null, or figures that are null");
        if (!double.IsFinite(found.Score)) throw Wrong(FormattableString.Invariant($"gave the score {found.Score}; it must be a finite number, higher is better"));
        var evaluation = new TrainingEvaluation(step, found.Score, found.Metrics);
        _evaluations.Add(evaluation);
        _warnings.Evaluated(evaluation);
        return evaluation;

        InvalidOperationException Wrong(string what) => new($"ContrastiveTrainingOptions.Evaluator ({_evaluator.GetType().Name}) {what} (at step {step}).");
    }

    private static float[][] Finite(float[][] vectors, int step)
    {
        if (Array.TrueForAll(vectors, vector => Array.TrueForAll(vector, float.IsFinite))) return vectors;
        if (step == 0) throw new InvalidOperationException("The start encoder gives vectors that are not finite: its weights are damaged.");
        throw new DivergedLossException("weights give vectors that are not finite", weightsAreFinite: false);
    }

    // In the number format of the encoder that is returned.
    private float[][] Encode(IReadOnlyList<string> sentences, CancellationToken cancellationToken)
    {
        for (int i = 0; i < sentences.Count; i++)
            if (sentences[i] is null) throw new ArgumentException($"sentences[{i}] is null.", nameof(sentences));
        _model.ComputeIn(_start.Options.Precision);
        try
        {
            return BatchEncoder.Encode(_model, BatchEncoder.Tokenize(_model, sentences, 0, sentences.Count, cancellationToken, prompt: "", out _), _start.Options.MaxTokensPerBatch, null, cancellationToken);
        }
        finally
        {
            _model.ComputeIn(Precision.Float32);
        }
    }

    /// <summary>Where a step stands in its run.</summary>
    private readonly record struct StepPlace(int Step, int Total, int Epoch, double Rate);
}
