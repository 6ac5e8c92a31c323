using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>A training step as SimCSE's and sentence-transformers' loops take it: the whole step padded to its longest sentence, TorchSharp's own clipping and AdamW.</summary>
internal sealed class PlainTraining : IDisposable
{
    private readonly EncoderModel _model;
    private readonly StepEncoder _encoder;
    private readonly Parameter[] _parameters;
    private readonly AdamW _optimizer;

    public PlainTraining(EncoderModel start)
    {
        _model = start.Clone(start.Device, start.Pooling);
        _encoder = new(_model, new(), int.MaxValue);
        // TorchSharp's optimizer takes Parameter objects only; they stand for the model's tensors, whose gradients they are given.
        _parameters = [.. _model.Parameters.Select(p => new Parameter(p.Value.detach().clone()))];
        _optimizer = torch.optim.AdamW(_parameters, lr: 5e-5);
    }

    public void Step(int[][] sentences, int rows)
    {
        using var scope = torch.NewDisposeScope();
        new InfoNceLoss(0.05, 0).Compute(StepVectors.Of(_encoder.Encode(_encoder.Plan(sentences), 1), rows, 1)).backward();
        foreach (var (parameter, tensor) in _parameters.Zip(_model.Parameters.Select(p => p.Value))) (parameter.grad, tensor.grad) = (tensor.grad, null);
        torch.nn.utils.clip_grad_norm_(_parameters, 1);
        _optimizer.step();
        _optimizer.zero_grad();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _encoder.Dispose();
        _model.Dispose();
    }
}
