using System.Runtime.InteropServices;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>Finds the in-batch negatives that are likely no negatives: the start encoder gives them a vector too similar to the
/// anchor's.</summary>
/// <remarks>
/// A row's own texts are never masked: its positive is the target, and its hard negative was written to differ in meaning even if it is
/// near. The start encoder's vectors of all distinct texts are computed once and kept for the whole run: texts x dimensions x 4 bytes. The
/// peak, while they are computed, is higher by two copies of the vectors of <see cref="Part"/> texts.
/// </remarks>
internal sealed class FalseNegativeMask : IDisposable
{
    // Texts that are encoded at once: enough to sort them by length, few enough that their vectors take little memory.
    internal const int Part = 4096;

    private readonly double _threshold;
    private readonly RowTexts[] _rows;
    private readonly Tensor _vectors;

    /// <summary>Encodes every distinct text with the start encoder.</summary>
    /// <param name="rows">The rows of the run.</param>
    /// <param name="threshold">A column with at least this cosine to the anchor is masked.</param>
    /// <param name="encode">The start encoder.</param>
    /// <param name="device">The device of the vectors.</param>
    public FalseNegativeMask(
        IReadOnlyList<TrainingExample> rows, double threshold, Func<IReadOnlyList<string>, float[][]> encode, Device device)
    {
        (_threshold, _rows) = (threshold, RowTexts.Of(rows));
        string[] texts = new string[_rows.Max(row => row.All.Max()) + 1];
        foreach (var (row, numbers) in rows.Zip(_rows))
            foreach (var (text, number) in TrainingSet.Texts(row).Zip(numbers.All)) texts[number] ??= text;
        _vectors = Encode(texts, encode, device);
    }

    /// <summary>The mask of a batch, bool (N, C N): all first positives, ..., all first negatives, ...; without positives the
    /// anchors.</summary>
    public Tensor For(int[] batch)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        int rows = batch.Length, columns = Math.Max(1, _rows[batch[0]].All.Length - 1);
        Tensor Of(Func<RowTexts, int> pick)
            => _vectors.index_select(0, tensor(Array.ConvertAll(batch, row => (long)pick(_rows[row])), device: _vectors.device));

        var anchors = Of(row => row.All[0]);
        var blocks = Enumerable.Range(0, columns).Select(column => Of(row => row.All[row.All.Length == 1 ? 0 : column + 1]));
        var own = eye(rows, dtype: ScalarType.Bool, device: _vectors.device).repeat(1, columns);
        return anchors.matmul(cat([.. blocks], 0).t()).ge(_threshold).logical_and(own.logical_not()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _vectors.Dispose();

    // Unit vectors (texts, D), part by part into the one tensor that stays.
    private static Tensor Encode(string[] texts, Func<IReadOnlyList<string>, float[][]> encode, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        Tensor? all = null;
        for (int start = 0; start < texts.Length; start += Part)
        {
            using var inner = NewDisposeScope();
            float[][] vectors = encode(new ArraySegment<string>(texts, start, Math.Min(Part, texts.Length - start)));
            int size = vectors[0].Length;
            all ??= empty(texts.Length, size, dtype: ScalarType.Float32, device: device).MoveToOuterDisposeScope();
            var part = empty(vectors.Length, size, dtype: ScalarType.Float32);
            var floats = MemoryMarshal.Cast<byte, float>(part.bytes);
            for (int i = 0; i < vectors.Length; i++) vectors[i].CopyTo(floats[(i * size)..]);
            all.narrow(0, start, vectors.Length).copy_(F.normalize(part, 2, 1, 1e-8));
        }
        return all!.DetachFromDisposeScope();
    }
}
