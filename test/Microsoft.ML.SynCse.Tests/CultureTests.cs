using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Requests;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What the library writes and says does not depend on the machine's culture.</summary>
[TestClass]
public sealed class CultureTests
{
    [TestMethod]
    [DataRow("de-DE")]
    [DataRow("tr-TR")]
    [DataRow("ar-SA")]
    public void A_tuned_encoder_s_folder_and_log_are_the_same(string culture)
    {
        using var folder = new TemporaryFolder();
        var expected = TuneIn("", folder);
        var found = TuneIn(culture, folder);
        string[] files = Directory.GetFiles(expected.Model, "*", SearchOption.AllDirectories);
        Assert.IsGreaterThan(4, files.Length);
        foreach (string file in files)
        {
            string name = Path.GetRelativePath(expected.Model, file);
            CollectionAssert.AreEqual(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(found.Model, name)), name);
        }
        CollectionAssert.AreEqual(Steps(expected.Log), Steps(found.Log));
        StringAssert.Contains(File.ReadLines(found.Log).First(), "\"learning_rate\":0.000");
    }

    [TestMethod]
    [DataRow("de-DE")]
    [DataRow("ar-SA")]
    public void A_fingerprint_of_options_is_the_same(string culture)
    {
        var options = new TripletSynthesisOptions { Temperature = 0.7f, TopP = 0.95f, Seed = -3, PairChecks = [new JudgeCheck()] };
        byte[] expected = OptionsFingerprint.Of(options, "a model");
        using var _ = new InCulture(culture);
        CollectionAssert.AreEqual(expected, OptionsFingerprint.Of(options, "a model"));
    }

    [TestMethod]
    [DataRow("de-DE")]
    [DataRow("ar-SA")]
    public void Numbers_in_messages_have_a_point(string culture)
    {
        using var _ = new InCulture(culture);
        using var encoder = TinyEncoder.Load();
        TrainingExample[] examples = [new("a", ["b"], [], Weight: -0.5f), new("c", ["d"], [])];
        var weights = Assert.ThrowsExactly<ArgumentException>(() => ContrastiveTrainer.Train(encoder, examples));
        StringAssert.Contains(weights.Message, "is -0.5;");
        var pairs = new ScoredPair[] { new("a", "b", 2.5), new("c", "d", 2.5) };
        var scores = Assert.ThrowsExactly<ArgumentException>(() => new SentenceSimilarityEvaluator(pairs));
        StringAssert.Contains(scores.Message, "the score 2.5");
        string timeout = new FaultPolicy(new() { RequestTimeout = TimeSpan.FromSeconds(0.5) })
            .Reason(new SynthesisFault(SynthesisFaultKind.Transient, FaultClassifier.Timeout), new TimeoutException());
        Assert.AreEqual("no reply within 0.5 s", timeout);
    }

    private static (string Model, string Log) TuneIn(string culture, TemporaryFolder folder)
    {
        using var _ = new InCulture(culture);
        var (model, log) = (folder.New("model"), folder.New("log.jsonl"));
        using var encoder = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(encoder, TinyEncoder.Triplets(24), new()
        {
            BatchSize = 8,
            LearningRate = 3e-4,
            WarmupSteps = 0,
            HardNegativeWeight = 0.5,
            LogFile = log,
        });
        result.Encoder.Save(model);
        return (model, log);
    }

    private static (int, double, double, double)[] Steps(string log)
        => [.. TrainingStepLog.Read(log).Select(step => (step.Step, step.Loss, step.LearningRate, step.GradientNorm))];
}
