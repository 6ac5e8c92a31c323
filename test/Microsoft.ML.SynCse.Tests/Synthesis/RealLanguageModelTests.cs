using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A real, weak language model: its poor replies are the point.</summary>
[TestClass]
[DoNotParallelize]
public sealed class RealLanguageModelTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Node")]
    [Timeout(5 * 60 * 1000, CooperativeCancellation = true)]
    public Task Ten_sentences_one_at_a_time() => SynthesizeAsync(10, 1);

    [TestMethod]
    [TestCategory("Campaign")]
    public Task Two_hundred_sentences() => SynthesizeAsync(200, 2);

    private async Task SynthesizeAsync(int count, int concurrency)
    {
        using var folder = new TemporaryFolder();
        await using var server = await LlmServer.StartAsync();
        using var client = ScriptedClient.Create(server.Endpoint, "none", "smollm2-135m-instruct");
        string[] sentences = [.. File.ReadLines(SharedFolder.Path("data/unlabeled/captions-58k.tsv")).Where((_, i) => i % 97 == 0)
            .Select(line => line.Split('\t')[1]).Take(count)];
        var options = Synthesis.Options(folder) with
        {
            MaxConcurrency = concurrency,
            MaxOutputTokens = 96,
            Temperature = 0.7f,
            MaxConsecutiveRejections = null,
        };
        var clock = Stopwatch.StartNew();
        List<SynthesisOutcome> outcomes = [];
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            var estimate = await synthesizer.EstimateAsync(sentences, TestContext.CancellationToken);
            await foreach (var outcome in synthesizer.SynthesizeAsync(sentences, cancellationToken: TestContext.CancellationToken)) outcomes
                .Add(outcome);
            TestContext.WriteLine($"estimate: {estimate.Requests} requests, {estimate.InputTokens} in, {estimate.OutputTokens} out");
        }
        var report = await Synthesis.ReportAsync(options);
        TestContext.WriteLine($"{count} sentences in {clock.Elapsed.TotalSeconds:f0} s: {report.Accepted} accepted; {report.Requests} "
            + $"requests, {report.AcceptedRequests} accepted, {report.RejectedRequests} rejected, "
            + $"{report.FaultedRequests.Values.Sum()} faulted; {report.InputTokens} in, {report.OutputTokens} out");
        TestContext.WriteLine($"rejected texts: {string.Join(", ", report.RejectedTexts.Select(r => $"{r.Key} {r.Value}"))}");
        TestContext.WriteLine($"rejected sentences: {string.Join(", ", report.RejectedSentences.Select(r => $"{r.Key} {r.Value}"))}");
        foreach (var outcome in outcomes.Where(o => o.Example is not null).Take(10))
            TestContext.WriteLine($"  a: {outcome.Anchor}\n  p: {outcome.Example!.Positives[0]}\n  n: {outcome.Example.Negatives[0]}\n");

        CollectionAssert.AreEqual(sentences, outcomes.Select(o => o.Anchor).ToArray());
        Assert.AreEqual(report.Requests, report.AcceptedRequests + report.RejectedRequests + report.FaultedRequests.Values.Sum());
        foreach (var example in outcomes.Select(o => o.Example).OfType<TrainingExample>())
        {
            // Whatever the model wrote, what passed is a triplet: three texts, none empty, all different.
            Assert.HasCount(3, new[] { example.Anchor, example.Positives.Single(), example.Negatives.Single() }
                .Where(t => !string.IsNullOrWhiteSpace(t)).Distinct(StringComparer.OrdinalIgnoreCase));
        }
        // Nothing read is asked for again.
        int calls = (int)report.Requests;
        await Synthesis.RunAsync(client, options, sentences);
        Assert.AreEqual(calls, (await Synthesis.ReportAsync(options)).Requests);
    }
}
