using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class HeldOutSplitTests
{
    [TestMethod]
    public void Rows_of_one_anchor_stay_on_one_side()
    {
        var rows = Enumerable.Range(0, 300).Select(
            i => new TrainingExample(i % 2 == 0 ? $"anchor {i / 6}" : $" ANCHOR  {i / 6}", $"p{i}", $"n{i}")).ToArray();
        var (train, heldOut) = HeldOutSplit.Split(rows, 0.2, 42);
        Assert.HasCount(60, heldOut);
        Assert.AreEqual(300, train.Count + heldOut.Count);
        Assert.IsEmpty(train.Select(r => SentenceKey.Of(r.Anchor)).Intersect(heldOut.Select(r => SentenceKey.Of(r.Anchor))));
    }

    [TestMethod]
    public void The_choice_depends_on_seed_and_anchors_not_on_their_order()
    {
        var rows = Enumerable.Range(0, 100).Select(i => new TrainingExample($"a{i}", "p", "n")).ToArray();
        var once = HeldOutSplit.Split(rows, 0.1, 42).HeldOut;
        CollectionAssert.AreEquivalent(once.ToArray(), HeldOutSplit.Split([.. rows.Reverse()], 0.1, 42).HeldOut.ToArray());
        CollectionAssert.AreNotEquivalent(once.ToArray(), HeldOutSplit.Split(rows, 0.1, 43).HeldOut.ToArray());
    }

    [TestMethod]
    public void Too_few_rows_hold_out_nothing()
    {
        var rows = Enumerable.Range(0, 9).Select(i => new TrainingExample($"a{i}", "p", "n")).ToArray();
        Assert.IsEmpty(HeldOutSplit.Split(rows, 0.1, 42).HeldOut);
    }

    [TestMethod]
    public void A_fraction_that_holds_out_nothing_says_which_would_and_how_many_rows()
    {
        foreach (int count in new[] { 4, 5, 9, 14, 40 })
        {
            foreach (double fraction in new[] { 0.001, 0.01, 0.03, 0.07, 0.1, 0.15, 0.2, 0.33, 0.5, 0.75, 0.9, 0.95, 0.99 })
            {
                var rows = Rows(count);
                if (HeldOutSplit.Split(rows, fraction, 42).HeldOut.Count > 0) continue;
                string words = HeldOutSplit.WhatWould(rows, new() { ValidationFraction = fraction });
                var figures = Regex.Match(words, @"none, since .*: ([\d.]+) would hold out (\d+), (\d+) examples");
                Assert.IsTrue(figures.Success, words);
                double Figure(int group) => double.Parse(figures.Groups[group].Value, CultureInfo.InvariantCulture);
                Assert.HasCount((int)Figure(2), HeldOutSplit.Split(rows, Figure(1), 42).HeldOut, words);
                Assert.IsNotEmpty(HeldOutSplit.Split(Rows((int)Figure(3)), fraction, 42).HeldOut, words);
                StringAssert.Contains(words, FormattableString.Invariant($"ValidationFraction {fraction} of {count} examples"));
            }
        }
        // No fraction of one anchor's rows can.
        var one = Rows(20).Select(row => row with { Anchor = "one" }).ToArray();
        StringAssert.Contains(HeldOutSplit.WhatWould(one, new()), "with 1 distinct anchors holds out none");
        Assert.DoesNotContain("would hold out", HeldOutSplit.WhatWould(one, new()));
    }

    [TestMethod]
    public void A_run_without_held_out_rows_says_what_would_hold_some_out()
    {
        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(start, TinyEncoder.Triplets(5), new() { BatchSize = 2 });
        Assert.AreEqual(0, result.Summary.HeldOutExamples);
        StringAssert.Contains(string.Join('\n', result.Summary.Warnings),
            "ValidationFraction 0.1 of 5 examples with 5 distinct anchors holds out none, since at least 2 must be held out and 2 be left: "
            + "0.3 would hold out 2, 15 examples with anchors of their own would do with 0.1");
        var error =
            Assert.ThrowsExactly<ArgumentException>(()
            => ContrastiveTrainer.Train(start, TinyEncoder.Triplets(5), new() { BatchSize = 2, EarlyStoppingPatience = 1 }));
        StringAssert.Contains(error.Message, "0.3 would hold out 2");
    }

    private static TrainingExample[] Rows(int count)
        => [.. Enumerable.Range(0, count).Select(i => new TrainingExample($"a{i}", "p", "n"))];

    [TestMethod]
    public void No_more_than_the_cap_is_held_out()
    {
        var rows = Enumerable.Range(0, 3 * HeldOutSplit.MaxRows).Select(i => new TrainingExample($"a{i}", "p", "n")).ToArray();
        Assert.HasCount(HeldOutSplit.MaxRows, HeldOutSplit.Split(rows, 0.5, 42).HeldOut);
    }
}
