using System.Diagnostics;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>One training run: sample, encode, loss, step, report, evaluate, keep the best.</summary>
internal sealed class TrainingRun : IDisposable
{
    // Rows are trained on as they are, so both encoders are scored on them so.
    private static readonly EncodingOptions NoPrompt = new() { PromptName = "" };

    private readonly SentenceEncoder _start;
    private readonly TrainingSet _set;
    private readonly ContrastiveTrainingOptions _options;
    private readonly IReadOnlyList<TrainingExample> _rows, _heldOut;
    private readonly IEncoderEvaluator? _evaluator;
    private readonly EncoderModel _model;
    private readonly StepEncoder _encoder;
    private readonly IStepGradient _gradient;
    private readonly InfoNceLoss _loss;
    private readonly MaskedLanguageObjective? _masked;
    private readonly DecoupledAdam _optimizer;
    private readonly BestWeights _best;
    private readonly TrainingWarnings _warnings;
    private readonly List<TrainingEvaluation> _evaluations = [];
    private FalseNegativeMask? _falseNegatives;
    private bool _handedOver;

    public TrainingRun(SentenceEncoder start, TrainingSet set, ContrastiveTrainingOptions options, MaskedLanguageSetup? maskedLanguage = null)
    {
        (_start, _set, _options) = (start, set, options);
        _warnings = new(options.Logger);
        bool splits = options.Evaluator is null && set.Mode != TrainingMode.Unsupervised && options.ValidationFraction > 0;
        (_rows, _heldOut) = splits ? HeldOutSplit.Split(set.Rows, options.ValidationFraction, options.Seed) : (set.Rows, []);
        _evaluator = options.Evaluator ?? (_heldOut.Count > 0 ? new TripletEvaluator(_heldOut) : null);
        _model = start.Use(model => TrainableCopy.Create(model, set.Mode, options));
        _encoder = new(_model, options);
        _gradient = options.GradientCacheChunk is { } chunk ? new CachedStepGradient(_encoder, chunk) : new WholeStepGradient(_encoder);
        _loss = new(options.Temperature, options.HardNegativeWeight);
        if (options.MlmWeight > 0)
        {
            maskedLanguage ??= MaskedLanguageSetup.Fresh(_model.Tokenizer, options.Seed);
            _masked = new(_model, _encoder, maskedLanguage.Head(_model.Network), maskedLanguage.Masker, options.MlmWeight);
        }
        _optimizer = new(_model.Parameters.Concat(_masked?.Parameters ?? []), options.WeightDecay, options.MaxGradientNorm);
        _best = new(_model);
    }

    /// <summary>Runs all steps.</summary>
    public TrainingResult Execute(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        int maxTokens = Math.Min(_options.MaxSequenceLength, _model.Network.MaxTokens);
        var tokens = new TokenizedRows(_model.Tokenizer, _rows, maxTokens, cancellationToken);
        _warnings.Truncated(tokens.TruncatedSentences, _rows.Sum(r => 1 + r.Positives.Count + r.Negatives.Count), maxTokens);
        var sampler = new BatchSampler(_rows, _options);
        if (_options.Epochs > int.MaxValue / sampler.StepsPerEpoch)
            throw new ArgumentOutOfRangeException(nameof(_options.Epochs), _options.Epochs, $"ContrastiveTrainingOptions.Epochs must be at most {int.MaxValue / sampler.StepsPerEpoch} with {sampler.StepsPerEpoch} steps in each.");
        int total = sampler.StepsPerEpoch * _options.Epochs;
        var schedule = new LearningRateSchedule(_options.LearningRate, _options.WarmupSteps, total);
        _warnings.Prompt(_start);
        _warnings.About(_set, _rows.Count, _heldOut.Count, _evaluator is not null, total, _options);
        if (_options.FalseNegativeThreshold is { } threshold)
            _falseNegatives = new(_rows, threshold, sentences => _start.Encode(sentences, NoPrompt, cancellationToken: cancellationToken), _model.Device);
        var startEvaluation = Evaluate(0, sentences => _start.Encode(sentences, NoPrompt, cancellationToken: cancellationToken), cancellationToken);

        var steps = new List<TrainingProgress>();
        for (int epoch = 1; epoch <= _options.Epochs; epoch++)
        {
            int inEpoch = 0;
            foreach (var batch in sampler.Epoch(epoch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int step = steps.Count + 1;
                var report = Step(step, total, epoch, schedule.At(step), tokens, batch);
                bool evaluates = _options.EvaluateEvery == 0 ? ++inEpoch == sampler.StepsPerEpoch : step % _options.EvaluateEvery == 0 || step == total;
                if (evaluates && Evaluate(step, sentences => Encode(sentences, cancellationToken), cancellationToken) is { } evaluation)
                {
                    _best.Offer(evaluation);
                    report = report with { Score = evaluation.Score };
                }
                steps.Add(report);
                progress?.Report(report);
            }
        }
        bool keepStart = _options.KeepStartIfWorse && startEvaluation?.Score > _best.Evaluation?.Score;
        if (keepStart) _warnings.KeptStart(startEvaluation!.Score, _best.Evaluation!);
        TrainingSummary summary = new()
        {
            Mode = _set.Mode,
            Examples = _rows.Count,
            HeldOutExamples = _heldOut.Count,
            SkippedExamples = _set.Skipped,
            TruncatedSentences = tokens.TruncatedSentences,
            Steps = steps.Count,
            BestStep = keepStart ? 0 : _best.Evaluation?.Step ?? steps.Count,
            KeptStart = keepStart,
            FirstLoss = steps[0].Loss,
            LastLoss = steps[^1].Loss,
            Elapsed = clock.Elapsed,
            Evaluations = _evaluations,
            Settings = _options.Describe(),
            Warnings = _warnings.Texts,
        };
        return new(Result(keepStart, TrainingCard.Of(_start.Card, _set, summary)), steps, summary);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _best.Dispose();
        _optimizer.Dispose();
        _falseNegatives?.Dispose();
        _masked?.Dispose();
        _encoder.Dispose();
        if (!_handedOver) _model.Dispose();
    }

    private SentenceEncoder Result(bool keepStart, ModelCard card)
    {
        if (keepStart) return _start.Copy(card);
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

    private TrainingProgress Step(int step, int total, int epoch, double rate, TokenizedRows tokens, int[] batch)
    {
        long started = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        var sentences = tokens.Stack(batch);
        var weights = tokens.Weights(batch) is { } w ? tensor(w, device: _model.Device) : null;
        var masked = _falseNegatives?.For(batch);
        double contrastive = Finite(_gradient.Backward(sentences, batch.Length, step,
            vectors => _loss.Compute(StepVectors.Of(vectors, batch.Length, tokens.Positives), weights, masked)), "contrastive loss");
        double language = Finite(_masked?.Backward(sentences, step) ?? 0, "masked-language-model loss");
        double norm = Finite(_optimizer.ClipGradients(), "gradient norm");                              // before the step, which would spoil every weight
        _optimizer.Step(rate);
        return new()
        {
            Step = step,
            TotalSteps = total,
            Epoch = epoch,
            Loss = contrastive + _options.MlmWeight * language,
            ContrastiveLoss = contrastive,
            MlmLoss = language,
            GradientNorm = norm,
            LearningRate = rate,
            TokensPerSecond = sentences.Sum(s => s.Length) / Stopwatch.GetElapsedTime(started).TotalSeconds,
        };

        double Finite(double figure, string name) => double.IsFinite(figure) ? figure : throw new InvalidOperationException(
            FormattableString.Invariant($"The {name} is {figure} at step {step} of {total}, learning rate {rate:g4}: lower LearningRate or raise WarmupSteps or Temperature."));
    }
}
