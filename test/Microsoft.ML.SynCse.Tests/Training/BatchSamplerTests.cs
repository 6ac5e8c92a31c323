using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class BatchSamplerTests
{
    [TestMethod]
    public void Every_row_comes_once_an_epoch_and_epochs_differ()
    {
        var sampler = new BatchSampler(Rows(103), new() { BatchSize = 10, DropLastBatch = false });
        Assert.AreEqual(11, sampler.StepsPerEpoch);
        int[] first = sampler.Epoch(1).SelectMany(b => b).ToArray();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 103).ToArray(), first);
        CollectionAssert.AreNotEqual(first, sampler.Epoch(2).SelectMany(b => b).ToArray());
        CollectionAssert.AreEqual(first, sampler.Epoch(1).SelectMany(b => b).ToArray());
    }

    [TestMethod]
    public void Another_seed_gives_another_order()
        => CollectionAssert.AreNotEqual(
            new BatchSampler(Rows(50), new() { BatchSize = 5, Seed = 1 }).Epoch(1).First(),
            new BatchSampler(Rows(50), new() { BatchSize = 5, Seed = 2 }).Epoch(1).First());

    [TestMethod]
    public void The_last_partial_batch_is_dropped_or_kept_as_asked()
    {
        Assert.AreEqual(10, new BatchSampler(Rows(103), new() { BatchSize = 10 }).Epoch(1).Count());
        Assert.HasCount(3, new BatchSampler(Rows(103), new() { BatchSize = 10, DropLastBatch = false }).Epoch(1).Last());
    }

    [TestMethod]
    public void Fewer_rows_than_a_batch_make_one_batch_of_all()
    {
        var sampler = new BatchSampler(Rows(7), new() { BatchSize = 64 });
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 7).ToArray(), sampler.Epoch(1).Single());
    }

    [TestMethod]
    public void Unshuffled_rows_come_in_input_order()
        => CollectionAssert.AreEqual(
            new[] { 0, 1, 2, 3 }, new BatchSampler(Rows(8), new() { BatchSize = 4, Shuffle = false }).Epoch(3).First());

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Rows_that_would_be_false_negatives_are_kept_apart(bool shuffle)
    {
        var rows = Enumerable.Range(0, 120).Select(
            i => new TrainingExample($"anchor {i / 3}", i % 5 == 0 ? $"Anchor  {(i + 7) / 3}" : $"positive {i}", $"negative {i}"))
            .ToArray();
        var sampler = new BatchSampler(rows, new() { BatchSize = 8, Shuffle = shuffle, DropLastBatch = false });
        int[][] batches = sampler.Epoch(1).ToArray();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 120).ToArray(), batches.SelectMany(b => b).ToArray());
        foreach (int[]? batch in batches.SkipLast(3)) Assert.IsFalse(HasFalseNegative(batch, rows), string.Join(' ', batch));
    }

    [TestMethod]
    public void Without_the_option_false_negatives_meet()
    {
        var rows = Enumerable.Range(0, 40).Select(i => new TrainingExample($"anchor {i / 4}", $"positive {i}", "n")).ToArray();
        var sampler = new BatchSampler(rows, new() { BatchSize = 8, Shuffle = false, AvoidDuplicatesInBatch = false });
        Assert.IsTrue(HasFalseNegative(sampler.Epoch(1).First(), rows));
    }

    [TestMethod]
    public void One_text_throughout_still_gives_every_row_once()
    {
        var rows = Enumerable.Range(0, 500).Select(_ => new TrainingExample("same", "same", "same")).ToArray();
        int[][] batches = new BatchSampler(rows, new() { BatchSize = 16, DropLastBatch = false }).Epoch(1).ToArray();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 500).ToArray(), batches.SelectMany(b => b).ToArray());
        Assert.HasCount(32, batches);
    }

    private static bool HasFalseNegative(int[] batch, TrainingExample[] rows)
    {
        var pairs = from i in batch from j in batch where i != j select (Left: rows[i], Right: rows[j]);
        return pairs.Any(
            p => Key(p.Left.Anchor) == Key(p.Right.Anchor) || TrainingSet.Texts(p.Right).Any(t => Key(t) == Key(p.Left.Positives[0])));
    }

    private static string Key(string text) => SentenceKey.Of(text);

    private static TrainingExample[] Rows(int count)
        => [.. Enumerable.Range(0, count).Select(i => new TrainingExample($"a{i}", $"p{i}", $"n{i}"))];
}
