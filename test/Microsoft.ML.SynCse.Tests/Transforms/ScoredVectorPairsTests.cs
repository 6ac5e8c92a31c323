using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ScoredVectorPairsTests
{
    private readonly MLContext _ml = new();

    [TestMethod]
    public void Scores_in_the_cosines_order_correlate_fully_in_rank()
    {
        // Angles 0, 30, 60 and 90 degrees; the scores fall as the cosines do, but not in a straight line.
        var metrics = _ml.EvaluateSentenceSimilarity(Data((5, 0), (4, 30), (1, 60), (0, 90)));
        Assert.AreEqual(4, metrics.Pairs);
        Assert.AreEqual(1, metrics.Spearman, 1e-12);
        // By the textbook formula in Python: r of [5, 4, 1, 0] and the cosines of [0, 30, 60, 90] degrees.
        Assert.AreEqual(0.9543084631, metrics.Pearson, 1e-6);
    }

    [TestMethod]
    public void Vectors_need_not_be_normalised_nor_the_label_be_a_float()
    {
        var rows = new[] { new IntegerPair { Label = 1, Left = [1, 0], Right = [0, 5] },
            new IntegerPair { Label = 3, Left = [2, 0], Right = [9, 0] }, new IntegerPair { Label = 2, Left = [1, 1], Right = [1, 0] } };
        Assert.AreEqual(1, _ml.EvaluateSentenceSimilarity(_ml.Data.LoadFromEnumerable(rows)).Spearman, 1e-12);
    }

    [TestMethod]
    public void It_scores_two_applied_encoders_columns()
    {
        using var encoder = TinyEncoder.Load();
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(20));
        var view = _ml.Transforms.ApplySentenceEncoder("Left", "Anchor", encoder)
            .Append(_ml.Transforms.ApplySentenceEncoder("Right", "Positive", encoder)).Fit(data).Transform(data);
        var metrics = _ml.EvaluateSentenceSimilarity(view, labelColumnName: "Id");
        Assert.AreEqual(20, metrics.Pairs);
        Assert.IsTrue(metrics.Spearman is >= -1 and <= 1);
    }

    [TestMethod]
    public void Cancelling_the_contexts_execution_ends_it()
    {
        var data = Data((5, 0), (4, 30), (1, 60));
        Cancellation.Of(_ml);
        Assert.ThrowsExactly<OperationCanceledException>(() => _ml.EvaluateSentenceSimilarity(data));
    }

    [TestMethod]
    public void Columns_that_do_not_fit_are_named()
    {
        var data = Data((1, 0), (2, 30));
        StringAssert.Contains(Error(() => _ml.EvaluateSentenceSimilarity(data, labelColumnName: "Score")), "label column 'Score'");
        StringAssert.Contains(
            Error(() => _ml.EvaluateSentenceSimilarity(data, labelColumnName: "Left")), "label column 'Left': expected a number");
        StringAssert.Contains(
            Error(() => _ml.EvaluateSentenceSimilarity(data, leftColumnName: "Label")),
            "left column 'Label': expected a known-size vector of Single");
        StringAssert.Contains(
            Error(() => _ml.EvaluateSentenceSimilarity(data, rightColumnName: "Three")),
            "right column 'Three': expected Vector<Single, 2>, as 'Left', got Vector<Single, 3>");
    }

    [TestMethod]
    public void Too_few_pairs_or_a_missing_score_is_an_error()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.EvaluateSentenceSimilarity(Data((1, 0)))).Message,
            "at least two scored pairs");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.EvaluateSentenceSimilarity(Data((1, 0), (float.NaN, 30)))).Message,
            "Column 'Label' is NaN in row 1");
    }

    private static string Error(Action use) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(use).Message;

    private IDataView Data(params (float Label, double Degrees)[] pairs) => _ml.Data.LoadFromEnumerable(pairs.Select(p => new Pair
    {
        Label = p.Label,
        Left = [1, 0],
        Right = [(float)Math.Cos(p.Degrees * Math.PI / 180), (float)Math.Sin(p.Degrees * Math.PI / 180)],
        Three = [1, 2, 3],
    }));

    private sealed class Pair
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Left { get; set; } = [];

        [VectorType(2)]
        public float[] Right { get; set; } = [];

        [VectorType(3)]
        public float[] Three { get; set; } = [];
    }

    private sealed class IntegerPair
    {
        public int Label { get; set; }

        [VectorType(2)]
        public float[] Left { get; set; } = [];

        [VectorType(2)]
        public float[] Right { get; set; } = [];
    }
}
