using Microsoft.ML.SynCse.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>A training step as SimCSE's and sentence-transformers' loops take it: the whole step padded to its longest sentence,
/// TorchSharp's own clipping and AdamW.</summary>
internal sealed class PlainTraining : IDisposable
{
    private readonly PlainBert _bert;
    private readonly AdamW _optimizer;
    private readonly int _padId;

    public PlainTraining(EncoderModel start)
    {
        (_bert, _padId) = (new(start), start.Tokenizer.PadId);
        _optimizer = torch.optim.AdamW(_bert.parameters(), lr: 5e-5, weight_decay: 0);
    }

    public void Step(int[][] sentences, int rows)
    {
        using var scope = torch.NewDisposeScope();
        var (ids, mask) = PlainBert.Pad(sentences, _padId);
        var vectors = F.normalize(_bert.forward(ids, mask), 2, 1, 1e-12);
        var scores = vectors.narrow(0, 0, rows).matmul(vectors.narrow(0, rows, 2 * rows).t()).div(0.05);
        F.cross_entropy(scores, torch.arange(rows)).backward();
        torch.nn.utils.clip_grad_norm_(_bert.parameters(), 1);
        _optimizer.step();
        _optimizer.zero_grad();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _bert.Dispose();
    }
}
