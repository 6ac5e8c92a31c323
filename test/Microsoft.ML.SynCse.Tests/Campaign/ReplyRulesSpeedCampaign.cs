using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What the rules cost for each text; a million sentences ask them millions of times.</summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class ReplyRulesSpeedCampaign
{
    private const int Candidates = 200_000;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void An_ordinary_text_takes_a_few_microseconds()
    {
        var candidates = Ordinary().ToArray();
        foreach (var candidate in candidates) Assert.IsNull(ReplyRules.Apply(ReplyRules.Default, candidate).Rule, candidate.Text);
        Measure(ReplyRules.Default, candidates);
        double all = Measure(ReplyRules.Default, candidates);
        TestContext.WriteLine($"all rules: {all:f2} us for each of {Candidates} texts");
        foreach (var language in candidates.GroupBy(c => c.Text.All(char.IsAscii)))
            TestContext.WriteLine($"{(language.Key ? "ASCII" : "other")}: {Measure(ReplyRules.Default, [.. language]):f2} us");
        foreach (var rule in ReplyRules.Default) TestContext.WriteLine($"{rule.Name}: {Measure([rule], candidates):f2} us");
        Assert.IsLessThan(15, all);
    }

    private static IEnumerable<ReplyCandidate> Ordinary()
    {
        int number = 0;
        foreach (var (anchor, rewrite) in HostileSentences.All)
        {
            string text = string.Format(System.Globalization.CultureInfo.InvariantCulture, rewrite, ++number);
            yield return new()
            {
                Text = text,
                Role = SynthesisRole.Negative,
                Anchor = string.Format(System.Globalization.CultureInfo.InvariantCulture, anchor, number),
                Positives = ["The parcel has not been delivered yet."],
                Siblings = ["Where is it now?"],
                Exemplars = ["Nobody came to the party.", "The meeting was moved to Thursday.", "He could not open the file."],
            };
        }
    }

    private static double Measure(IReadOnlyList<IReplyRule> rules, ReplyCandidate[] candidates)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < Candidates; i++) _ = ReplyRules.Apply(rules, candidates[i % candidates.Length]);
        return clock.Elapsed.TotalMicroseconds / Candidates;
    }
}
