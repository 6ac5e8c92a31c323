using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class FalseNegativeMaskTests
{
    // Unit vectors of the plane by angle in degrees, so that cosines are known.
    private static readonly (string Text, double Angle)[] _known =
        [("a0", 0), ("p0", 10), ("n0", 5), ("a1", 8), ("p1", 90), ("n1", 12), ("a2", 180), ("p2", 185), ("n2", 1)];

    private static readonly Dictionary<string, double> _angles = _known.ToDictionary(known => known.Text, known => known.Angle);

    private static readonly TrainingExample[] _rows =
        [.. Enumerable.Range(0, 3).Select(i => new TrainingExample($"a{i}", $"p{i}", $"n{i}"))];

    [TestMethod]
    public void Other_rows_texts_over_the_threshold_are_masked_and_a_rows_own_never()
    {
        using var mask = new FalseNegativeMask(_rows, Math.Cos(15 * Math.PI / 180), Encode, torch.CPU);
        using var masked = mask.For([0, 1, 2]);
        //                                     p0     p1     p2     n0     n1     n2
        Assert.AreEqual("""
            False False False False True True
            True False False True False True
            False False False False False False
            """.ReplaceLineEndings("\n"), Text(masked));
    }

    [TestMethod]
    public void Rows_come_in_the_batchs_order()
    {
        using var mask = new FalseNegativeMask(_rows, Math.Cos(15 * Math.PI / 180), Encode, torch.CPU);
        using var masked = mask.For([1, 0]);
        Assert.AreEqual("False True False True\nFalse False True False", Text(masked));
    }

    [TestMethod]
    public void Anchors_alone_are_compared_with_each_other()
    {
        TrainingExample[] anchors = [.. _rows.Select(row => new TrainingExample(row.Anchor, [], []))];
        using var mask = new FalseNegativeMask(anchors, Math.Cos(15 * Math.PI / 180), Encode, torch.CPU);
        using var masked = mask.For([0, 1, 2]);
        Assert.AreEqual("False True False\nTrue False False\nFalse False False", Text(masked));
    }

    [TestMethod]
    public void A_threshold_that_masks_nothing_changes_nothing_and_a_low_one_lowers_the_loss()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(24);
        double First(double? threshold)
        {
            using var result = ContrastiveTrainer.Train(
                start, rows, new() { BatchSize = 12, ValidationFraction = 0, Dropout = 0, FalseNegativeThreshold = threshold });
            return result.Steps[0].Loss;
        }

        Assert.AreEqual(First(null), First(1), 1e-6);
        Assert.IsLessThan(First(null), First(0.5));
    }

    [TestMethod]
    public void Beside_the_vectors_that_stay_only_a_part_of_them_is_held()
    {
        const int Count = 5 * FalseNegativeMask.Part / 2, Size = 256;
        TrainingExample[] rows = [.. Enumerable.Range(0, Count).Select(i => new TrainingExample($"a{i}", [$"p{i}"], []))];
        int most = 0;
        long encoding = 0;
        float[][] Encoded(IReadOnlyList<string> texts)
        {
            long begun = GC.GetAllocatedBytesForCurrentThread();
            most = Math.Max(most, texts.Count);
            float[][] vectors = [.. texts.Select(text => Enumerable.Repeat((float)text.Length, Size).ToArray())];
            encoding += GC.GetAllocatedBytesForCurrentThread() - begun;
            return vectors;
        }

        RowTexts.Of(rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RowTexts.Of(rows);
        long numbering = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();
        using var mask = new FalseNegativeMask(rows, 0.95, Encoded, torch.CPU);
        long own = GC.GetAllocatedBytesForCurrentThread() - before - encoding - numbering;
        Assert.AreEqual(FalseNegativeMask.Part, most, "texts at once");
        Assert.IsLessThan(2L * Count * Size * sizeof(float) / 4, own, "bytes that it allocates itself: a quarter of the vectors'");
    }

    [TestMethod]
    public void Parts_give_what_one_call_gives()
    {
        const int Count = FalseNegativeMask.Part + 100;
        var numbers = Enumerable.Range(0, Count);
        TrainingExample[] rows = [.. numbers.Select(i => new TrainingExample($"{i % 360}.{i}", [$"{(i + 5) % 360}.{i + Count}"], []))];
        static float[][] Of(IReadOnlyList<string> texts)
            => [.. texts.Select(text => int.Parse(text.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture) * Math.PI / 180)
                .Select(angle => new[] { (float)Math.Cos(angle), (float)Math.Sin(angle) })];

        using var mask = new FalseNegativeMask(rows, Math.Cos(3.5 * Math.PI / 180), Of, torch.CPU);
        int[] batch = [0, 3, Count - 1, Count / 2];
        using var masked = mask.For(batch);
        static double Cosine(double degrees) => Math.Cos(degrees * Math.PI / 180);
        var expected = batch.Select(i => batch.Select(j => i != j && Cosine(i % 360 - (j + 5) % 360) > Cosine(3.5)));
        Assert.AreEqual(string.Join('\n', expected.Select(row => string.Join(' ', row))), Text(masked));
    }

    private static float[][] Encode(IReadOnlyList<string> texts)
        => [.. texts.Select(text => _angles[text] * Math.PI / 180).Select(
            angle => new[] { 3 * (float)Math.Cos(angle), 3 * (float)Math.Sin(angle) })];

    private static string Text(torch.Tensor masked)
    {
        long columns = masked.shape[1];
        return string.Join('\n', masked.data<bool>().ToArray().Chunk((int)columns).Select(row => string.Join(' ', row)));
    }
}
