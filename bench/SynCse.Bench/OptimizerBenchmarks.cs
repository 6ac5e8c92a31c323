using BenchmarkDotNet.Attributes;
using Microsoft.ML.SynCse.Encoders;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>One optimizer step over the default encoder's weights: TorchSharp's AdamW against ours.</summary>
public class OptimizerBenchmarks
{
    private SentenceEncoder _encoder = null!;
    private EncoderModel _model = null!;
    private Parameter[] _parameters = null!;
    private TorchSharp.Modules.AdamW _theirs = null!;
    private Training.AdamW _ours = null!;
    private torch.Tensor[] _gradients = null!;

    [GlobalSetup]
    public void Load()
    {
        _encoder = SentenceEncoder.LoadDefault();
        _model = _encoder.Use(model => model.Clone(model.Device, model.Pooling));
        _parameters = [.. _model.Parameters.Select(p => new Parameter(p.Value.detach().clone()))];
        _gradients = [.. _parameters.Select(p => torch.randn_like(p).detach())];
        _theirs = torch.optim.AdamW(_parameters, lr: 1e-6);
        _ours = new(_model.Parameters, 0, 1);
    }

    [GlobalCleanup]
    public void Free()
    {
        _theirs.Dispose();
        _ours.Dispose();
        _model.Dispose();
        _encoder.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void TorchSharpAdamW()
    {
        using var scope = torch.NewDisposeScope();
        for (int i = 0; i < _parameters.Length; i++) _parameters[i].grad = _gradients[i];
        _theirs.step();
    }

    [Benchmark]
    public void OurAdamW()
    {
        int i = 0;
        foreach (var (_, tensor) in _model.Parameters) tensor.grad = _gradients[i++];
        _ours.Step(1e-6);
    }
}
