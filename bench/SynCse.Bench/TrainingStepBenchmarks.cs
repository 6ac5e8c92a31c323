using BenchmarkDotNet.Attributes;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>One step on 64 triplets: forward and backward in one padded block against chunks of like length.</summary>
public class TrainingStepBenchmarks
{
    private SentenceEncoder _encoder = null!;
    private EncoderModel _model = null!;
    private StepGradient _block = null!, _chunks = null!;
    private int[][] _ids = null!;

    [GlobalSetup]
    public void Load()
    {
        _encoder = SentenceEncoder.LoadDefault();
        _model = _encoder.Use(model => model.Clone(model.Device, model.Pooling));
        var options = new ContrastiveTrainingOptions();
        (_block, _chunks) = (new(_model, options, int.MaxValue), new(_model, options));
        _ids = [.. BenchData.Ids(_model, BenchData.Sentences(192)).Select(s => s[..Math.Min(s.Length, 32)])];
    }

    [GlobalCleanup]
    public void Free()
    {
        _block.Dispose();
        _chunks.Dispose();
        _model.Dispose();
        _encoder.Dispose();
    }

    [Benchmark(Baseline = true)]
    public double OnePaddedBlock() => Step(_block);

    [Benchmark]
    public double ChunksOfLikeLength() => Step(_chunks);

    private double Step(StepGradient gradient)
    {
        using var scope = torch.NewDisposeScope();
        double loss = gradient.Backward(_ids, 64, 1, vectors => new InfoNceLoss(0.05, 0).Compute(StepVectors.Of(vectors, 64, 1)));
        foreach (var (_, tensor) in _model.Parameters) tensor.grad = null;
        return loss;
    }
}
