using Microsoft.ML.SynCse.Core.Evaluation;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class EvaluatorTests
{
    // Two dimensions: a sentence is the angle it names, in degrees.
    private static float[][] Angles(IReadOnlyList<string> sentences)
        => [.. sentences.Select(s => double.Parse(s, System.Globalization.CultureInfo.InvariantCulture) * Math.PI / 180)
            .Select(a => new[] { (float)(3 * Math.Cos(a)), (float)(3 * Math.Sin(a)) })];

    [TestMethod]
    public void Triplet_figures_are_those_worked_out_by_hand()
    {
        TrainingExample[] rows = [new TrainingExample("0", "60", "90"), new TrainingExample("90", "180", "90")];
        var metrics = new TripletEvaluator(rows).Evaluate(Angles).Metrics;
        Assert.AreEqual(0.5, metrics["TripletAccuracy"], 1e-6);
        Assert.AreEqual((0.5 - 1) / 2, metrics["MeanMargin"], 1e-6);
        Assert.AreEqual((1.0 + 2) / 2, metrics["Alignment"], 1e-6);
        Assert.AreEqual(-4, metrics["Uniformity"], 1e-6);
        Assert.AreEqual((1 + 1 / 4.0) / 2, metrics["MeanReciprocalRank"], 1e-6);
        // Cosines over 0.05: 10 for the own positive, -20, 0 and 0 for the others; in the second row 0, 0.87 x 20, 20 and 20.
        double first = Math.Exp(10) / (Math.Exp(10) + Math.Exp(-20) + 2),
            second = 1 / (1 + Math.Exp(20 * Math.Cos(Math.PI / 6)) + 2 * Math.Exp(20));
        Assert.AreEqual((first + second) / 2, metrics["Score"], 1e-6);
    }

    [TestMethod]
    public void An_encoder_that_gives_every_sentence_the_same_vector_scores_least()
    {
        // Hard negatives nearer to their anchors than the positives are, as a language model writes them.
        TrainingExample[] rows =
            [.. Enumerable.Range(0, 12).Select(i => new TrainingExample($"{30 * i}", [$"{30 * i + 8}"], [$"{30 * i + 3}"]))];
        double good = new TripletEvaluator(rows).Evaluate(Angles).Score;
        double shrunk = new TripletEvaluator(rows)
            .Evaluate(sentences
            => Angles([.. sentences.Select(
            s => (int.Parse(s, System.Globalization.CultureInfo.InvariantCulture) / 10.0)
            .ToString(System.Globalization.CultureInfo.InvariantCulture))])).Score;
        double collapsed = new TripletEvaluator(rows).Evaluate(sentences => [.. sentences.Select(_ => new[] { 1f, 2f })]).Score;
        Assert.AreEqual(1.0 / 24, collapsed, 1e-9);
        Assert.IsGreaterThan(shrunk, good);
        Assert.IsGreaterThan(collapsed, shrunk);
    }

    [TestMethod]
    public void Of_many_rows_those_that_are_compared_are_spread_over_all()
    {
        // The first half of 2,000 finds its positives, the second half does not.
        TrainingExample[] rows = [.. Enumerable.Range(0, 2000).Select(i => new TrainingExample("0", [i < 1000 ? "0" : "180"], ["90"]))];
        var metrics = new TripletEvaluator(rows).Evaluate(Angles).Metrics;
        // Of 512 anchors 256 find 256 positives alike, their own among them, and the others none that is worse.
        Assert.AreEqual(0.5 / 256, metrics["Score"], 1e-4);
        Assert.AreEqual((1.0 / 256 + 1.0 / 1024) / 2, metrics["MeanReciprocalRank"], 1e-4);
    }

    [TestMethod]
    [DataRow(600)]
    [DataRow(2000)]
    [DataRow(4096)]
    public void Uniformity_looks_at_rows_from_all_over_the_file(int count)
    {
        // A file sorted by topic: its first rows say the same, the others are spread around the circle. And one that changes its topic with
        // every other row.
        string Far(int i) => (i * 360.0 / count).ToString(System.Globalization.CultureInfo.InvariantCulture);
        TrainingExample[] sorted = [.. Enumerable.Range(0, count).Select(i => new TrainingExample(i < 512 ? "0" : Far(i), ["0"], []))];
        TrainingExample[] turns = [.. Enumerable.Range(0, count).Select(i => new TrainingExample(i % 2 == 0 ? "0" : "180", ["0"], []))];
        foreach (var rows in new[] { sorted, turns })
        {
            double all = Uniformity([.. rows.Select(r => r.Anchor)]);
            double[] found = [.. Enumerable.Range(0, 2).Select(_ => new TripletEvaluator(rows).Evaluate(Angles).Metrics["Uniformity"])];
            Assert.AreEqual(all, found[0], 0.15);
            Assert.AreEqual(found[0], found[1], "the sample is fixed");
        }

        double Uniformity(string[] anchors)
        {
            double[] angles = [.. anchors.Select(a => double.Parse(a, System.Globalization.CultureInfo.InvariantCulture) * Math.PI / 180)];
            double sum = 0;
            for (int i = 0; i < angles.Length; i++)
                for (int j = i + 1; j < angles.Length; j++) sum += Math.Exp(-2 * (2 - 2 * Math.Cos(angles[i] - angles[j])));
            return Math.Log(sum / (angles.Length * (angles.Length - 1.0) / 2));
        }
    }

    [TestMethod]
    public void Pairs_take_the_next_rows_positive_as_negative()
    {
        TrainingExample[] rows = [new("0", ["10"], []), new("90", ["80"], [])];
        var metrics = new TripletEvaluator(rows).Evaluate(Angles).Metrics;
        Assert.AreEqual(1, metrics["TripletAccuracy"]);
        Assert.AreEqual(Math.Cos(Math.PI / 18) - Math.Cos(Math.PI * 8 / 18), metrics["MeanMargin"], 1e-6);
    }

    [TestMethod]
    public void Several_positives_and_negatives_count_in_all_pairs()
    {
        TrainingExample[] rows = [new("0", ["0", "60"], ["90", "180"]), new("180", ["120", "180"], ["90", "90"])];
        var metrics = new TripletEvaluator(rows).Evaluate(Angles).Metrics;
        Assert.AreEqual((1.25 + 0.75) / 2, metrics["MeanMargin"], 1e-6);
        Assert.AreEqual(1, metrics["TripletAccuracy"], 1e-9);
        Assert.AreEqual(0.5, metrics["Alignment"], 1e-6);
        Assert.AreEqual((1 + 1 / 2.0) / 2, metrics["MeanReciprocalRank"], 1e-6);
    }

    [TestMethod]
    public void Ranks_with_ties_share_their_mean()
    {
        // R: cor(c(1,2,2,3,5), c(2,1,3,3,9), method = "spearman")
        Assert.AreEqual(0.7631578947, Correlation.Spearman([1, 2, 2, 3, 5], [2, 1, 3, 3, 9]), 1e-9);
        Assert.AreEqual(1, Correlation.Spearman([1, 2, 3], [10, 100, 1000]), 1e-12);
        Assert.AreEqual(-1, Correlation.Pearson([1, 2, 3], [3, 2, 1]), 1e-12);
        Assert.IsTrue(double.IsNaN(Correlation.Spearman([1, 1], [1, 2])));
    }

    [TestMethod]
    public void Similarity_is_the_rank_correlation_of_cosines_and_scores()
    {
        var evaluator = new SentenceSimilarityEvaluator([new("0", "5", 5), new("0", "40", 3), new("10", "170", 0), new("0", "60", 4)]);
        Assert.AreEqual(0.8, evaluator.Evaluate(Angles).Score, 1e-9);
        Assert.AreEqual(4, evaluator.Measure(Angles).Pairs);
    }

    [TestMethod]
    public void An_encoder_that_gives_one_vector_scores_worst()
    {
        var evaluator = new SentenceSimilarityEvaluator([new("0", "5", 5), new("0", "40", 3)]);
        Assert.AreEqual(-1, evaluator.Evaluate(sentences => [.. sentences.Select(_ => new float[] { 1, 0 })]).Score);
    }

    [TestMethod]
    public void Pairs_without_anything_to_correlate_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new SentenceSimilarityEvaluator([new("a", "b", 1)]));
        Assert.ThrowsExactly<ArgumentException>(() => new SentenceSimilarityEvaluator([new("a", "b", 1), new("a", "c", 1)]));
        Assert.ThrowsExactly<ArgumentException>(() => new SentenceSimilarityEvaluator([new("a", "b", double.NaN), new("a", "c", 1)]));
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    [DataRow(Pooling.Mean, 82.0325)]
    [DataRow(Pooling.Cls, 73.4996)]
    public void Spearman_on_the_STS_benchmark_is_the_one_of_sentence_transformers(Pooling pooling, double expected)
    {
        using var encoder =
            SentenceEncoder.Load(SharedFolder.Path("models/all-MiniLM-L6-v2"), new() { Pooling = pooling, MaxSequenceLength = 128 });
        var metrics = new SentenceSimilarityEvaluator(Sts.Read("stsb-en-test")).Measure(sentences => encoder.Encode(sentences));
        Assert.AreEqual(expected, metrics.Spearman * 100, 1e-3);
    }
}
