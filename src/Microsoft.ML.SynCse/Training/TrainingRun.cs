using System.Diagnostics;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>One training run: sample, step, report, evaluate, keep the best, go on from a checkpoint.</summary>
internal sealed class TrainingRun : IDisposable
{
    // Rows are trained on as they are, so both encoders are scored on them so.
    private static readonly EncodingOptions NoPrompt = new() { PromptName = "" };

    // Often enough that free holes stay small beside what is in use, seldom enough that fetching the pages again costs nothing that shows.
    private const int StepsBetweenTrims = 10;

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
    private readonly List<TrainingProgress> _steps = [];
    private readonly List<TrainingEvaluation> _evaluations = [];
    private FalseNegativeMask? _falseNegatives;
    private TrainingLogFile? _log;
    private TimeSpan _elapsedBefore;
    private bool _handedOver;

    public TrainingRun(SentenceEncoder start, TrainingSet set, ContrastiveTrainingOptions options, MaskedLanguageSetup? maskedLanguage = null)
    {
        (_start, _set, _options) = (start, set, options);
        _warnings = new(options.Logger);
        bool splits = options.Evaluator is null && set.Mode != TrainingMode.Unsupervised && options.ValidationFraction > 0;
        (_rows, _heldOut) = splits ? HeldOutSplit.Split(set.Rows, options.ValidationFraction, options.Seed) : (set.Rows, []);
        _evaluator = options.Evaluator ?? (_heldOut.Count > 0 ? new TripletEvaluator(_heldOut) : null);
        Require(set, options, _evaluator is not null);
        // Before the copy is made: an encoder that cannot mask says so here.
        maskedLanguage = options.MlmWeight == 0 ? null : maskedLanguage ?? start.Use(model => MaskedLanguageSetup.Fresh(model.Tokenizer, options.Seed));
        _model = start.Use(model => TrainableCopy.Create(model, set.Mode, options));
        _step = new(_model, options, maskedLanguage);
        _best = new(_model);
        _watch = new(_warnings);
        if (options.CheckpointFolder is not null) _checkpoints = new(start, set, options, _step, _best, _warnings);
    }

    /// <summary>Runs all steps that are not done yet.</summary>
    public TrainingResult Execute(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var activity = TrainingTelemetry.Start(_set.Mode, _rows.Count);
        var clock = Stopwatch.StartNew();
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
        Resume(sampler, tokens);
        if (TrainingStepLog.PathOf(_options) is { } log) _log = new(log, _steps);
        if (_evaluations.Count == 0) Evaluate(0, sentences => _start.Encode(sentences, NoPrompt, cancellationToken: cancellationToken), cancellationToken);
        if (_options.FalseNegativeThreshold is { } threshold && _steps.Count < total)
            _falseNegatives = new(_rows, threshold, sentences => _start.Encode(sentences, NoPrompt, cancellationToken: cancellationToken), _model.Device);
        RunSteps(sampler, total, tokens, clock, progress, cancellationToken);
        var result = Finish(tokens.TruncatedSentences, _elapsedBefore + clock.Elapsed);
        TrainingTelemetry.End(activity, result.Summary);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _best.Dispose();
        _falseNegatives?.Dispose();
        _step.Dispose();
        if (!_handedOver) _model.Dispose();
        _log?.Dispose();                                                                                // last: a full disk makes it throw
    }

    private static void Require(TrainingSet set, ContrastiveTrainingOptions options, bool hasEvidence)
    {
        if (options.HardNegativeWeight != 0 && set.Rows[0].Negatives.Count == 0)
            throw new ArgumentException("ContrastiveTrainingOptions.HardNegativeWeight needs hard negatives, and the examples have none: give them, or leave it at 0.", nameof(options));
        if (options.EarlyStoppingPatience > 0 && !hasEvidence)
            throw new ArgumentException("ContrastiveTrainingOptions.EarlyStoppingPatience needs scores to wait for, and nothing is held out: raise ValidationFraction, give an Evaluator, or leave it at 0.", nameof(options));
    }

    private void Resume(BatchSampler sampler, TokenizedRows tokens)
    {
        if (_checkpoints?.Load() is not { } state) return;
        // What was seen of the losses counts on: a run that exploded would else begin to explode anew.
        foreach (var step in state.Steps) Look(step, sampler.RowsOf(step.Step), tokens);
        _steps.AddRange(state.Steps);
        _evaluations.AddRange(state.Evaluations);
        _elapsedBefore = state.Elapsed;
        _warnings.Resumed(_steps.Count);
    }

    private void RunSteps(BatchSampler sampler, int total, TokenizedRows tokens, Stopwatch clock, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var schedule = new LearningRateSchedule(_options.LearningRate, _options.WarmupSteps, total);
        var (begun, before) = (Stopwatch.StartNew(), _steps.Count);
        for (int epoch = 1 + _steps.Count / sampler.StepsPerEpoch; epoch <= _options.Epochs && !StopsEarly; epoch++)
        {
            foreach (var batch in sampler.Epoch(epoch).Skip(_steps.Count - (epoch - 1) * sampler.StepsPerEpoch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int step = _steps.Count + 1;
                bool endsEpoch = step % sampler.StepsPerEpoch == 0;
                var started = begun.Elapsed;
                var report = Step((step, total, epoch, schedule.At(step)), tokens, batch);
                var took = begun.Elapsed - started;
                bool evaluates = _options.EvaluateEvery == 0 ? endsEpoch : step % _options.EvaluateEvery == 0 || step == total;
                if (evaluates && Evaluate(step, sentences => Encode(sentences, cancellationToken), cancellationToken) is { } evaluation)
                {
                    _best.Offer(evaluation);
                    report = report with { Score = evaluation.Score };
                }
                report = report with { TimeLeft = begun.Elapsed / (step - before) * (total - step) };
                TrainingTelemetry.Stepped(report, took);
                _log?.Add(report);
                _steps.Add(report);
                if (_options.CheckpointEvery == 0 ? endsEpoch : step % _options.CheckpointEvery == 0 || step == total)
                    _checkpoints?.Save(_steps, _evaluations, _elapsedBefore + clock.Elapsed);
                if (step % StepsBetweenTrims == 0) HeapTrim.Run();
                progress?.Report(report);
                if (StopsEarly) break;
            }
        }
        _warnings.Forced(sampler.Forced);
        if (StopsEarly) _warnings.StoppedEarly(_steps.Count, total, _best.Evaluation!);
    }

    private TrainingProgress Step((int Step, int Total, int Epoch, double Rate) step, TokenizedRows tokens, int[] batch)
    {
        try
        {
            var report = _step.Run(step, tokens, batch, _falseNegatives);
            Look(report, batch.Length, tokens);
            return report;
        }
        catch (DivergedLossException error)
        {
            var best = _best.Evaluation;
            var places = batch.Select(row => _set.PlaceOf(_rows[row])).Order().ToArray();
            var message = FormattableString.Invariant($"The {error.Message} at step {step.Step} of {step.Total}, learning rate {step.Rate:g4}, on the examples {string.Join(' ', places.Take(10))}{(places.Length > 10 ? " ..." : "")}: lower LearningRate or raise WarmupSteps or Temperature.")
                + (best is not null ? $" The weights of step {best.Step} are kept as LastGood."
                    : error.WeightsAreFinite ? " No weights were evaluated before; those of the step before are kept as LastGood." : " No weights were evaluated before; set EvaluateEvery to keep the last good ones.");
            var lastGood = best is null && !error.WeightsAreFinite ? null : Tuned(TrainingCard.Of(_start.Card, _set, Summary(false, tokens.TruncatedSentences, default)));
            throw new TrainingDivergedException(message, step.Step, step.Rate, lastGood, best, error);
        }
    }

    private void Look(TrainingProgress report, int rows, TokenizedRows tokens) => _watch.Look(report, tokens.Candidates(rows), tokens.Chance(rows, _options.HardNegativeWeight));

    private bool StopsEarly => _options.EarlyStoppingPatience > 0 && _best.Evaluation is { } best && _evaluations.Count(e => e.Step > best.Step) >= _options.EarlyStoppingPatience;

    private TrainingResult Finish(int truncated, TimeSpan elapsed)
    {
        var start = _evaluations.FirstOrDefault(e => e.Step == 0);
        bool keepStart = _options.KeepStartIfWorse && start?.Score > _best.Evaluation?.Score;
        if (keepStart) _warnings.KeptStart(start!.Score, _best.Evaluation!);
        var summary = Summary(keepStart, truncated, elapsed);
        return new(Result(keepStart, TrainingCard.Of(_start.Card, _set, summary)), _steps, summary);
    }

    private TrainingSummary Summary(bool keepStart, int truncated, TimeSpan elapsed) => new()
    {
        Mode = _set.Mode,
        Examples = _rows.Count,
        HeldOutExamples = _heldOut.Count,
        SkippedExamples = _set.Skipped,
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
        return new(_model, _start.Options, card);
    }

    private TrainingEvaluation? Evaluate(int step, Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken)
    {
        if (_evaluator is null) return null;
        cancellationToken.ThrowIfCancellationRequested();
        var found = _evaluator.Evaluate(encode, cancellationToken);
        if (double.IsNaN(found.Score)) throw new InvalidOperationException($"The evaluator's score at step {step} is NaN; it must be a number, higher is better.");
        var evaluation = new TrainingEvaluation(step, found.Score, found.Metrics);
        _evaluations.Add(evaluation);
        _warnings.Evaluated(evaluation);
        return evaluation;
    }

    private float[][] Encode(IReadOnlyList<string> sentences, CancellationToken cancellationToken)
        => BatchEncoder.Encode(_model, BatchEncoder.Tokenize(_model, sentences, 0, sentences.Count, cancellationToken), _start.Options.MaxTokensPerBatch, null, cancellationToken);
}
