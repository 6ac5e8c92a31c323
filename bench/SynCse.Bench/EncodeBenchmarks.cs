using BenchmarkDotNet.Attributes;
using Microsoft.ML.SynCse.Encoders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Encoding 1,000 sentences: batches of 64 in input order, padded to their longest, against what the encoder does.</summary>
public class EncodeBenchmarks
{
    private SentenceEncoder _encoder = null!;
    private string[] _sentences = null!;

    [GlobalSetup]
    public void Load()
    {
        _encoder = SentenceEncoder.LoadDefault();
        _sentences = BenchData.Sentences(1000);
    }

    [GlobalCleanup]
    public void Free() => _encoder.Dispose();

    [Benchmark(Baseline = true)]
    public int InputOrderBatchesOf64() => _encoder.Use(model =>
    {
        int done = 0;
        foreach (int[][] rows in BenchData.Ids(model, _sentences).Chunk(64))
        {
            using var inference = torch.inference_mode();
            using var scope = torch.NewDisposeScope();
            done += (int)model.Encode(TokenBatch.Create(rows, model.Tokenizer.PadId, model.Device)).cpu().shape[0];
        }
        return done;
    });

    [Benchmark]
    public int Encode() => _encoder.Encode(_sentences).Length;
}
