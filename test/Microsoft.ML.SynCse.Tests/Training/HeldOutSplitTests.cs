namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class HeldOutSplitTests
{
    [TestMethod]
    public void Rows_of_one_anchor_stay_on_one_side()
    {
        var rows = Enumerable.Range(0, 300).Select(i => (TrainingExample)new Triplet(i % 2 == 0 ? $"anchor {i / 6}" : $" ANCHOR  {i / 6}", $"p{i}", $"n{i}")).ToArray();
        var (train, heldOut) = HeldOutSplit.Split(rows, 0.2, 42);
        Assert.HasCount(60, heldOut);
        Assert.AreEqual(300, train.Count + heldOut.Count);
        Assert.IsEmpty(train.Select(r => SentenceKey.Of(r.Anchor)).Intersect(heldOut.Select(r => SentenceKey.Of(r.Anchor))));
    }

    [TestMethod]
    public void The_choice_depends_on_seed_and_anchors_not_on_their_order()
    {
        var rows = Enumerable.Range(0, 100).Select(i => (TrainingExample)new Triplet($"a{i}", "p", "n")).ToArray();
        var once = HeldOutSplit.Split(rows, 0.1, 42).HeldOut;
        CollectionAssert.AreEquivalent(once.ToArray(), HeldOutSplit.Split([.. rows.Reverse()], 0.1, 42).HeldOut.ToArray());
        CollectionAssert.AreNotEquivalent(once.ToArray(), HeldOutSplit.Split(rows, 0.1, 43).HeldOut.ToArray());
    }

    [TestMethod]
    public void Too_few_rows_hold_out_nothing()
    {
        var rows = Enumerable.Range(0, 9).Select(i => (TrainingExample)new Triplet($"a{i}", "p", "n")).ToArray();
        Assert.IsEmpty(HeldOutSplit.Split(rows, 0.1, 42).HeldOut);
    }

    [TestMethod]
    public void No_more_than_the_cap_is_held_out()
    {
        var rows = Enumerable.Range(0, 3 * HeldOutSplit.MaxRows).Select(i => (TrainingExample)new Triplet($"a{i}", "p", "n")).ToArray();
        Assert.HasCount(HeldOutSplit.MaxRows, HeldOutSplit.Split(rows, 0.5, 42).HeldOut);
    }
}
