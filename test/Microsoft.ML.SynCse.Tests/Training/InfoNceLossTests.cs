using Microsoft.ML.SynCse.Training.Objectives;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class InfoNceLossTests
{
    private static readonly float[,] _anchors = { { 1, 0, 0 }, { 0.2f, 1, 0.5f }, { -1, 0.3f, 2 } };
    private static readonly float[,] _positives = { { 0.9f, 0.1f, 0 }, { 0, 2, 1 }, { -0.5f, 0, 1 } };
    private static readonly float[,] _negatives = { { 1, 0.5f, 0.1f }, { 1, 1, -1 }, { 0, 0.3f, 0.4f } };

    [TestMethod]
    [DataRow(0.05, 0)]
    [DataRow(0.1, 1)]
    [DataRow(0.5, -0.7)]
    public void The_loss_is_the_papers_formula(double temperature, double weight)
    {
        double expected = Enumerable.Range(0, 3).Average(i => Row(i, temperature, weight));
        Assert.AreEqual(expected, Compute(temperature, weight, null), 1e-5);
    }

    [TestMethod]
    public void Row_weights_give_a_weighted_mean()
    {
        double expected = (Row(0, 0.1, 0) * 2 + Row(1, 0.1, 0) * 0 + Row(2, 0.1, 0) * 1) / 3;
        Assert.AreEqual(expected, Compute(0.1, 0, [2, 0, 1]), 1e-5);
    }

    [TestMethod]
    public void Without_hard_negatives_the_candidates_are_the_batchs_positives()
    {
        using var scope = NewDisposeScope();
        double loss = new InfoNceLoss(0.1, 5).Compute(new(tensor(_anchors), [tensor(_positives)], [])).item<float>();
        double expected = Enumerable.Range(0, 3).Average(
            i => Math.Log(Enumerable.Range(0, 3).Sum(j => Math.Exp(Cosine(_anchors, i, _positives, j) / 0.1))) - Cosine(
                _anchors, i, _positives, i) / 0.1);
        Assert.AreEqual(expected, loss, 1e-5);
    }

    [TestMethod]
    public void Several_positives_give_the_mean_of_their_losses_and_every_negative_counts()
    {
        using var scope = NewDisposeScope();
        var vectors = new StepVectors(tensor(_anchors), [tensor(_positives), tensor(_negatives)], [tensor(_negatives), tensor(_positives)]);
        double loss = new InfoNceLoss(0.2, 0.7).Compute(vectors).item<float>(), expected = 0;
        for (int i = 0; i < 3; i++)
        {
            foreach (float[,]? positive in new[] { _positives, _negatives })
            {
                double sum = 0;
                for (int j = 0; j < 3; j++)
                {
                    sum += Math.Exp(Cosine(_anchors, i, positive, j) / 0.2);
                    foreach (float[,]? negative in new[] { _negatives, _positives }) sum += Math.Exp(
                        Cosine(_anchors, i, negative, j) / 0.2 + (i == j ? 0.7 : 0));
                }
                expected += (Math.Log(sum) - Cosine(_anchors, i, positive, i) / 0.2) / 6;
            }
        }
        Assert.AreEqual(expected, loss, 1e-5);
    }

    [TestMethod]
    public void A_masked_column_is_out_of_its_rows_sum_alone()
    {
        using var scope = NewDisposeScope();
        var masked = zeros(3, 6, dtype: ScalarType.Bool);
        masked[0, 1] = tensor(true); // row 0 does not see the second positive
        masked[2, 3] = tensor(true);                                                                    // row 2 not the first negative
        double loss = new InfoNceLoss(0.1, 0).Compute(
            new(tensor(_anchors), [tensor(_positives)], [tensor(_negatives)]), masked: masked).item<float>(), expected = 0;
        for (int i = 0; i < 3; i++)
        {
            double sum = 0;
            for (int j = 0; j < 3; j++)
            {
                if (!(i == 0 && j == 1)) sum += Math.Exp(Cosine(_anchors, i, _positives, j) / 0.1);
                if (!(i == 2 && j == 0)) sum += Math.Exp(Cosine(_anchors, i, _negatives, j) / 0.1);
            }
            expected += (Math.Log(sum) - Cosine(_anchors, i, _positives, i) / 0.1) / 3;
        }
        Assert.AreEqual(expected, loss, 1e-5);
    }

    private static double Compute(double temperature, double weight, float[]? weights)
    {
        using var scope = NewDisposeScope();
        return new InfoNceLoss(temperature, weight).Compute(
            new(tensor(_anchors), [tensor(_positives)], [tensor(_negatives)]), weights is null ? null : tensor(weights)).item<float>();
    }

    private static double Row(int i, double temperature, double weight)
    {
        double sum = 0;
        for (int j = 0; j < 3; j++)
            sum += Math.Exp(Cosine(_anchors, i, _positives, j) / temperature)
                + Math.Exp(Cosine(_anchors, i, _negatives, j) / temperature + (i == j ? weight : 0));
        return Math.Log(sum) - Cosine(_anchors, i, _positives, i) / temperature;
    }

    private static double Cosine(float[,] x, int i, float[,] y, int j)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int k = 0; k < 3; k++)
        {
            xy += x[i, k] * y[j, k];
            xx += x[i, k] * x[i, k];
            yy += y[j, k] * y[j, k];
        }
        return xy / Math.Sqrt(xx * yy);
    }
}
