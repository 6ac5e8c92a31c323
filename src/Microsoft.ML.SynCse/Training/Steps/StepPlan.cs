using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Encoders;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training.Steps;

/// <summary>A step's sentences in chunks of like length; lives in the dispose scope it was made in.</summary>
/// <param name="Batches">The chunks, longest sentences first.</param>
/// <param name="Rows">Which sentences each chunk holds.</param>
/// <param name="InputOrder">Brings what stands in the chunks' order into the sentences': int64 (sentences).</param>
internal sealed record StepPlan(IReadOnlyList<TokenBatch> Batches, IReadOnlyList<int[]> Rows, Tensor InputOrder)
{
    /// <summary>Plans.</summary>
    public static StepPlan Create(IReadOnlyList<int[]> sentences, int maxTokens, int padId, Device device)
    {
        var rows = LengthSortedBatches.Plan([.. sentences.Select(s => s.Length)], maxTokens);
        var places = new long[sentences.Count];
        long place = 0;
        foreach (int index in rows.SelectMany(r => r)) places[index] = place++;
        return new([.. rows.Select(r => TokenBatch.Create(Array.ConvertAll(r, i => sentences[i]), padId, device))], rows, tensor(places, device: device));
    }

    /// <summary>Token ids of all chunks, one behind the other: int64 (tokens, padding included).</summary>
    public Tensor Ids() => cat([.. Batches.Select(b => b.Ids.view(-1))], 0);

    /// <summary>How many tokens, padding included, a chunk has.</summary>
    public long Tokens(int chunk) => (long)Batches[chunk].Rows * Batches[chunk].Length;
}
