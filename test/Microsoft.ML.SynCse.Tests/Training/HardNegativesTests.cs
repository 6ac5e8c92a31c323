using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class HardNegativesTests
{
    [TestMethod]
    [DataRow("p", "n", "n")]
    [DataRow("p", "p", null)]
    [DataRow("The  Lamp is broken. ", " the lamp is\tBROKEN.", null)]
    [DataRow("p", "n|p", "n|n")]
    [DataRow("p", "P|n|m|p ", "n|m|n|m")]
    [DataRow("p|q", "q|n", "n|n")]
    [DataRow("p|q", "q|p", null)]
    [DataRow("p", "", "")]
    public void A_hard_negative_that_is_a_positive_is_replaced_or_ends_the_row(string positives, string negatives, string? expected)
    {
        static string[] Texts(string texts) => texts.Split('|', StringSplitOptions.RemoveEmptyEntries);
        var kept = HardNegatives.Of(new("the anchor", Texts(positives), Texts(negatives)));
        Assert.AreEqual(expected, kept is null ? null : string.Join('|', kept));
    }

    [TestMethod]
    public void Rows_without_one_keep_their_list()
    {
        var row = new TrainingExample("a", "p", "n");
        Assert.AreSame(row.Negatives, HardNegatives.Of(row));
    }

    [TestMethod]
    public void A_run_leaves_them_out_counts_them_and_says_so()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(40);
        rows[3] = rows[3] with { Negatives = rows[3].Positives };
        rows[7] = rows[7] with { Negatives = [$" {rows[7].Positives[0].ToUpperInvariant()}  "] };
        var options =
            new ContrastiveTrainingOptions { BatchSize = 8, LearningRate = 1e-3, ValidationFraction = 0.2, KeepStartIfWorse = false };
        using var result = ContrastiveTrainer.Train(start, rows, options);
        Assert.AreEqual((2, 0, 38),
            (result.Summary.ContradictoryExamples, result.Summary.SkippedExamples,
                result.Summary.Examples + result.Summary.HeldOutExamples));
        Assert.HasCount(1, result.Summary.Warnings.Where(w => w.StartsWith("2 of 40 examples were left out because their hard negative "
            + "is their positive", StringComparison.Ordinal)));
        // The same run as over the other rows alone.
        using var others = ContrastiveTrainer.Train(start, [.. rows.Where((_, i) => i is not (3 or 7))], options);
        CollectionAssert.AreEqual(others.Encoder.Encode(["a cat"])[0], result.Encoder.Encode(["a cat"])[0]);
        Assert.AreEqual(0, others.Summary.ContradictoryExamples);
    }

    [TestMethod]
    public void Of_several_hard_negatives_the_other_stays_and_the_warning_counts_the_rows()
    {
        using var start = TinyEncoder.Load();
        TrainingExample[] rows =
            [.. TinyEncoder.Triplets(20)
            .Select((row, i) => row with { Negatives = [row.Negatives[0], i < 3 ? row.Positives[0] : $"{row.Negatives[0]} not"] })];
        using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 8, ValidationFraction = 0 });
        Assert.AreEqual((0, 20), (result.Summary.ContradictoryExamples, result.Summary.Examples));
        Assert.AreEqual(3, result.Summary.ReplacedNegatives);
        Assert.AreEqual(3, result.Encoder.Card.DataCounts!["hard negatives replaced because they are the positive"]);
        Assert.HasCount(1,
            result.Summary.Warnings.Where(w
            => w.StartsWith("3 of 20 examples have a hard negative that is their positive", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Replaced_ones_are_counted_one_by_one_and_those_of_rows_that_are_left_out_are_not()
    {
        TrainingExample Row(params string[] negatives) => new("a", ["P", "q"], negatives);
        var set = TrainingSet.Create([Row("n", "m", "o"), Row(" p", "Q ", "n"), Row("n", "p", "m"), Row("p", "q", "P")]);
        Assert.AreEqual((1, 2, 3), (set.Contradictory, set.Mended, set.Replaced));
    }

    [TestMethod]
    public void Too_few_rows_without_one_are_an_error_that_counts_them()
    {
        TrainingExample equal = new TrainingExample("a", "p", "p"), good = new TrainingExample("b", "p", "n");
        var error = Assert.ThrowsExactly<ArgumentException>(() => TrainingSet.Create([equal, equal, good]));
        StringAssert.Contains(error.Message, "of 3 given, 1 has it, and 2 have a hard negative that is the positive.");
    }

    [TestMethod]
    public void Texts_with_bytes_that_were_not_understood_are_warned_of()
    {
        using var start = TinyEncoder.Load();
        var rows = TinyEncoder.Triplets(20);
        rows[4] = rows[4] with { Anchor = "M\uFFFDller is late" };
        using var result = ContrastiveTrainer.Train(start, rows, new() { BatchSize = 8, ValidationFraction = 0 });
        Assert.HasCount(1, result.Summary.Warnings.Where(w => w.StartsWith("1 of 20 examples hold U+FFFD", StringComparison.Ordinal)));
    }
}
