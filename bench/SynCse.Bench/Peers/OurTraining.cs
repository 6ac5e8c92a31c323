using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>A training step of the library.</summary>
internal sealed class OurTraining : IDisposable
{
    private readonly EncoderModel _model;
    private readonly StepGradient _gradient;
    private readonly AdamW _optimizer;
    private readonly InfoNceLoss _loss = new(0.05, 0);

    public OurTraining(EncoderModel start, Precision precision)
    {
        _model = start.Clone(start.Device, start.Pooling);
        _gradient = new(_model, new() { Precision = precision });
        _optimizer = new(_model.Parameters, 0, 1);
    }

    public void Step(int[][] sentences, int rows)
    {
        using var scope = torch.NewDisposeScope();
        _gradient.Backward(sentences, rows, 1, vectors => _loss.Compute(StepVectors.Of(vectors, rows, 1)));
        _optimizer.ClipGradients();
        _optimizer.Step(5e-5);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _gradient.Dispose();
        _model.Dispose();
    }
}
