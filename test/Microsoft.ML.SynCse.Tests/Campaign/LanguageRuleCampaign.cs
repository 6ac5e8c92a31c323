using System.Diagnostics;
using Microsoft.ML.SynCse.Synthesis.Languages;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// The rule on language over all sentences of the shared folder: how many it takes for another language, how many foreign answers it
/// finds, time and memory.
/// </summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class LanguageRuleCampaign
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("captions-en-de.tsv")]
    [DataRow("tatoeba-en-de.tsv")]
    public void At_most_one_in_a_thousand_of_all_sentences_is_taken_for_another_language(string file)
    {
        var rows = ParallelSentences.Of(file);
        var rule = ReplyRules.Language();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        _ = LanguageRuleTests.Rejects(rule, rows[0].German, rows[0].English);
        TestContext.WriteLine($"memory of the statistics: {(GC.GetTotalMemory(forceFullCollection: true) - before) >> 20} MB managed, "
            + $"{Environment.WorkingSet >> 20} MB resident in all");
        using var process = Process.GetCurrentProcess();
        var started = process.TotalProcessorTime;
        var (english, german) = (Taken(rule, [.. rows.Select(r => r.English)], "English"),
            Taken(rule, [.. rows.Select(r => r.German)], "German"));
        int found = rows.AsParallel().Count(r => LanguageRuleTests.Rejects(rule, r.German, r.English));
        process.Refresh();
        TestContext.WriteLine($"{file}: English answers to German sentences rejected: {found} of {rows.Length}; "
            + $"{(process.TotalProcessorTime - started).TotalMilliseconds / (3.0 * rows.Length):f2} ms of processor a pair");
        Assert.IsLessThanOrEqualTo(rows.Length / 1000.0, english);
        Assert.IsLessThanOrEqualTo(rows.Length / 1000.0, german);
    }

    [TestMethod]
    public void Hardly_an_English_sentence_gets_exemplars_of_another_language()
    {
        foreach (string? file in new[] { "captions-en-de.tsv", "tatoeba-en-de.tsv" })
        {
            var rows = ParallelSentences.Of(file);
            var languages = new SentenceLanguage(["de", "fr", "es", "nl"]);
            int foreign = rows.AsParallel().Count(r => languages.Of(r.English) is not null),
                own = rows.AsParallel().Count(r => languages.Of(r.German) == "de");
            int other = rows.AsParallel().Count(r => languages.Of(r.German) is not (null or "de"));
            TestContext.WriteLine($"{file}: {rows.Length} pairs: {foreign} English sentences with exemplars of another language, "
                + $"{own} German ones with German ones, {other} with another one's");
            Assert.IsLessThanOrEqualTo(rows.Length / 10_000.0, foreign);
            Assert.IsLessThanOrEqualTo(rows.Length / 1000.0, other);
        }
    }

    private int Taken(IReplyRule rule, string[] sentences, string language)
    {
        // Each as an answer to the next one of its language.
        var taken = sentences.Select((s, i) => (Anchor: sentences[(i + 1) % sentences.Length], Text: s)).AsParallel()
            .Where(p => LanguageRuleTests.Rejects(rule, p.Anchor, p.Text)).ToArray();
        TestContext.WriteLine($"{language}: {taken.Length} of {sentences.Length} taken for another language "
            + $"({1000.0 * taken.Length / sentences.Length:f2} in 1,000)");
        foreach (var (anchor, text) in taken.Take(10)) TestContext.WriteLine($"    {anchor} | {text}");
        return taken.Length;
    }
}
