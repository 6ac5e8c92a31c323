using Microsoft.ML.SynCse.Encoders;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Floating-point operations that an encoder's layers need for real tokens, padding not counted.</summary>
internal static class EncoderWork
{
    /// <summary>Operations of a forward pass: two a weight and token, and attention's two products.</summary>
    public static double Forward(EncoderModel model, IEnumerable<int[]> sentences)
    {
        double weights =
            model.Network.Weights.Tensors.Where(t => !t.Key.StartsWith("embeddings.", StringComparison.Ordinal) && t.Value.dim() == 2)
            .Sum(t => (double)t.Value.numel());
        double attention = 4.0 * model.Network.HiddenSize * model.Network.LayerCount;
        return sentences.Sum(s => s.Length * (2 * weights + attention * s.Length));
    }
}
