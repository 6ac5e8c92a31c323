using Microsoft.ML.SynCse.Training.Objectives;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class MaskedLanguageTests
{
    private const int MaskId = 4, Words = 1000, Draws = 200_000;

    [TestMethod]
    public void Fifteen_of_a_hundred_tokens_are_hidden_by_bert_s_shares()
    {
        var masker = new RandomTokenMasker(42, MaskId, Words);
        int[] shown = [.. Enumerable.Range(0, Draws).Select(i => masker.Mask(i % 100, i / 100 % 20, i / 2000, 7)).OfType<int>()];
        Assert.AreEqual(0.15, shown.Length / (double)Draws, 0.003);
        Assert.AreEqual(0.8, shown.Count(id => id == MaskId) / (double)shown.Length, 0.01);
        Assert.AreEqual(0.1, shown.Count(id => id == 7) / (double)shown.Length, 0.01);
        int[] random = [.. shown.Where(id => id is not (MaskId or 7))];
        Assert.IsGreaterThan(800, random.Distinct().Count());
        Assert.IsTrue(random.All(id => id is >= 0 and < Words));
    }

    [TestMethod]
    public void What_is_hidden_depends_on_seed_step_sentence_and_position_alone()
    {
        int?[] Draw(int seed, int step, int sentence)
            => [.. Enumerable.Range(1, 200).Select(
                position => new RandomTokenMasker(seed, MaskId, Words).Mask(sentence, position, step, 7))];
        CollectionAssert.AreEqual(Draw(1, 1, 1), Draw(1, 1, 1));
        CollectionAssert.AreNotEqual(Draw(1, 1, 1), Draw(2, 1, 1));
        CollectionAssert.AreNotEqual(Draw(1, 1, 1), Draw(1, 2, 1));
        CollectionAssert.AreNotEqual(Draw(1, 1, 1), Draw(1, 1, 2));
    }

    [TestMethod]
    public void The_auxiliary_loss_begins_near_chance_and_falls()
    {
        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(64),
            new() { BatchSize = 32, Epochs = 30, LearningRate = 3e-3, ValidationFraction = 0, MlmWeight = 0.5 });
        double first = result.Steps[0].MlmLoss, last = result.Steps.TakeLast(5).Average(s => s.MlmLoss);
        Assert.AreEqual(Math.Log(start.Use(m => m.Network.VocabularySize)), first, 1.0);
        Assert.IsLessThan(0.8 * first, last);
        foreach (var step in result.Steps) Assert.AreEqual(step.ContrastiveLoss + 0.5 * step.MlmLoss, step.Loss, 1e-9);
    }

    [TestMethod]
    public void The_head_is_not_kept_in_the_tuned_encoder()
    {
        using var folder = new TemporaryFolder();
        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(20), new() { BatchSize = 10, ValidationFraction = 0, MlmWeight = 0.1, KeepStartIfWorse = false });
        CollectionAssert.AreEquivalent(
            start.Use(m => m.Parameters.Select(p => p.Key).ToArray()), result.Encoder.Use(m => m.Parameters.Select(p => p.Key).ToArray()));
    }
}
