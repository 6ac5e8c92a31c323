using System.Diagnostics;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Training.Objectives;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>One optimizer step: from the sentences of a batch to losses, gradients and new weights.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly EncoderModel _model;
    private readonly ContrastiveTrainingOptions _options;
    private readonly StepGradient _gradient;
    private readonly InfoNceLoss _loss;
    private readonly MaskedLanguageObjective? _masked;

    public TrainingStep(EncoderModel model, ContrastiveTrainingOptions options, MaskedLanguageSetup? maskedLanguage)
    {
        (_model, _options) = (model, options);
        _gradient = new(model, options);
        _loss = new(options.Temperature, options.HardNegativeWeight);
        try
        {
            if (maskedLanguage is not null)
                _masked = new(model, _gradient, maskedLanguage.Head(model.Network), maskedLanguage.Masker, options.MlmWeight);
            Parameters = [.. model.Parameters, .. _masked?.Parameters ?? []];
            Optimizer = new(Parameters, options.WeightDecay, options.MaxGradientNorm);
        }
        catch
        {
            _masked?.Dispose();
            _gradient.Dispose();
            throw;
        }
    }

    /// <summary>Every tensor that is trained, with its name.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>The optimizer of <see cref="Parameters"/>.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Takes the step.</summary>
    /// <param name="place">Where in the run the step is, and its learning rate.</param>
    /// <param name="tokens">The rows of the run.</param>
    /// <param name="batch">The indices of the rows of the step.</param>
    /// <param name="falseNegatives">The columns that are left out of the loss; null for none.</param>
    /// <exception cref="DivergedLossException">A figure is not finite; no weight has changed.</exception>
    public TrainingProgress Run(StepPlace place, TokenizedRows tokens, int[] batch, FalseNegativeMask? falseNegatives)
    {
        long started = Stopwatch.GetTimestamp();
        using var scope = NewDisposeScope();
        var sentences = tokens.Stack(batch);
        int count = sentences.Sum(s => s.Length);
        var weights = tokens.Weights(batch) is { } w ? tensor(w, device: _model.Device) : null;
        var masked = falseNegatives?.For(batch);
        double meanCosine = 0;
        double contrastive = Finite(_gradient.Backward(sentences, batch.Length, place.Step, vectors =>
        {
            meanCosine = MeanCosine(vectors);
            return Loss(vectors);
        }), "contrastive loss");
        double language = Finite(_masked?.Backward(sentences, place.Step) ?? 0, "masked-language-model loss");
        double norm = Finite(Optimizer.ClipGradients(), "gradient norm"); // before the step, which would spoil every weight
        Optimizer.Step(place.LearningRate);
        return new()
        {
            Step = place.Step,
            TotalSteps = place.Total,
            Epoch = place.Epoch,
            Loss = contrastive + _options.MlmWeight * language,
            ContrastiveLoss = contrastive,
            MlmLoss = language,
            // Equal vectors for all sentences.
            ChanceLoss = Loss(ones([sentences.Count, 1], dtype: ScalarType.Float32, device: _model.Device)).item<float>(),
            MeanCosine = meanCosine,
            // A row's own columns are no in-batch negatives.
            MaskedShare = masked is null ? 0 : masked.sum().item<long>() / (double)(masked.numel() - masked.shape[1]),
            GradientNorm = norm,
            LearningRate = place.LearningRate,
            Tokens = count,
            TokensPerSecond = count / Stopwatch.GetElapsedTime(started).TotalSeconds,
        };

        Tensor Loss(Tensor vectors) => _loss.Compute(StepVectors.Of(vectors, batch.Length, tokens.Positives), weights, masked);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _masked?.Dispose();
        _gradient.Dispose();
    }

    private static double Finite(double figure, string name) => double.IsFinite(figure) ? figure
        : throw new DivergedLossException(FormattableString.Invariant($"{name} is {figure}"), weightsAreFinite: true);

    // For unit vectors the square of the sum's length is the sum of all cosines, each vector's with itself included.
    private static double MeanCosine(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        long count = vectors.shape[0];
        return (nn.functional.normalize(vectors, 2, 1, 1e-8).sum([0L]).square().sum().item<float>() - count) / (count * (count - 1.0));
    }
}

/// <summary>Where in its run a step is.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Total">The number of steps in the run.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
internal readonly record struct StepPlace(int Step, int Total, int Epoch, double LearningRate);
