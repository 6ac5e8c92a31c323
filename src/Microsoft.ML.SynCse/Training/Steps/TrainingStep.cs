using System.Diagnostics;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Training.Objectives;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Steps;

/// <summary>One optimizer step: sentences, vectors, losses, gradients, weights.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly EncoderModel _model;
    private readonly ContrastiveTrainingOptions _options;
    private readonly StepEncoder _encoder;
    private readonly IStepGradient _gradient;
    private readonly InfoNceLoss _loss;
    private readonly MaskedLanguageObjective? _masked;

    public TrainingStep(EncoderModel model, ContrastiveTrainingOptions options, MaskedLanguageSetup? maskedLanguage)
    {
        (_model, _options) = (model, options);
        _encoder = new(model, options);
        _gradient = options.GradientCacheChunk is { } chunk ? new CachedStepGradient(_encoder, chunk) : new WholeStepGradient(_encoder);
        _loss = new(options.Temperature, options.HardNegativeWeight);
        try
        {
            if (maskedLanguage is not null)
                _masked = new(model, _encoder, maskedLanguage.Head(model.Network), maskedLanguage.Masker, options.MlmWeight);
            Parameters = [.. model.Parameters, .. _masked?.Parameters ?? []];
            Optimizer = new(Parameters, options.WeightDecay, options.MaxGradientNorm);
        }
        catch
        {
            _masked?.Dispose();
            _encoder.Dispose();
            throw;
        }
    }

    /// <summary>Every tensor that is trained, with its name.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>Moves them.</summary>
    public DecoupledAdam Optimizer { get; }

    /// <summary>Takes the step.</summary>
    /// <param name="step">Its number, total, epoch and rate.</param>
    /// <param name="tokens">The run's rows.</param>
    /// <param name="batch">Which of them.</param>
    /// <param name="falseNegatives">Which columns are left out; null: none.</param>
    /// <exception cref="DivergedLossException">A figure is not finite; no weight has moved.</exception>
    public TrainingProgress Run((int Step, int Total, int Epoch, double Rate) step, TokenizedRows tokens, int[] batch, FalseNegativeMask? falseNegatives)
    {
        long started = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        var sentences = tokens.Stack(batch);
        int count = sentences.Sum(s => s.Length);
        var weights = tokens.Weights(batch) is { } w ? tensor(w, device: _model.Device) : null;
        var masked = falseNegatives?.For(batch);
        double meanCosine = 0;
        double contrastive = Finite(_gradient.Backward(sentences, batch.Length, step.Step, vectors =>
        {
            meanCosine = MeanCosine(vectors);
            return Loss(vectors);
        }), "contrastive loss");
        double language = Finite(_masked?.Backward(sentences, step.Step) ?? 0, "masked-language-model loss");
        double norm = Finite(Optimizer.ClipGradients(), "gradient norm");                               // before the step, which would spoil every weight
        Optimizer.Step(step.Rate);
        return new()
        {
            Step = step.Step,
            TotalSteps = step.Total,
            Epoch = step.Epoch,
            Loss = contrastive + _options.MlmWeight * language,
            ContrastiveLoss = contrastive,
            MlmLoss = language,
            ChanceLoss = Loss(ones([sentences.Count, 1], dtype: ScalarType.Float32, device: _model.Device)).item<float>(),
            MeanCosine = meanCosine,
            MaskedShare = masked is null ? 0 : masked.sum().item<long>() / (double)(masked.numel() - masked.shape[1]),  // a row's own columns are no in-batch negatives
            GradientNorm = norm,
            LearningRate = step.Rate,
            Tokens = count,
            TokensPerSecond = count / Stopwatch.GetElapsedTime(started).TotalSeconds,
        };

        Tensor Loss(Tensor vectors) => _loss.Compute(StepVectors.Of(vectors, batch.Length, tokens.Positives), weights, masked);
        static double Finite(double figure, string name) => double.IsFinite(figure) ? figure : throw new DivergedLossException(FormattableString.Invariant($"{name} is {figure}"), weightsAreFinite: true);
    }

    // Of unit vectors the square of the sum's length is the sum of all cosines, each vector's with itself included.
    private static double MeanCosine(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        long count = vectors.shape[0];
        return (nn.functional.normalize(vectors, 2, 1, 1e-8).sum([0L]).square().sum().item<float>() - count) / (count * (count - 1.0));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _masked?.Dispose();
        _encoder.Dispose();
    }
}
