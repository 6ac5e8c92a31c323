using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>How much of the allowed concurrency is busy, over real HTTP.</summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class SynthesisSpeedCampaign
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(64, 50, 6000)]
    public async Task The_allowed_concurrency_is_busy(int concurrency, int latency, int sentences)
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => good.Answer(r) with { Latency = TimeSpan.FromMilliseconds(latency) });
        using var client = ScriptedClient.Create(server.Endpoint);
        await Synthesis.RunAsync(client, Synthesis.Options(folder), Synthesis.Sentences(200));                  // warms both sides up
        await using var measured = await ScriptedServer.StartAsync(r => good.Answer(r) with { Latency = TimeSpan.FromMilliseconds(latency) });
        using var fresh = ScriptedClient.Create(measured.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = concurrency };
        var clock = Stopwatch.StartNew();
        var outcomes = await Synthesis.RunAsync(fresh, options, Synthesis.Sentences(sentences));
        clock.Stop();
        await measured.IdleAsync();
        // The same requests by the same client, with nothing written down and nothing checked: what this machine can do.
        await using var plain = await ScriptedServer.StartAsync(r => good.Answer(r) with { Latency = TimeSpan.FromMilliseconds(latency) });
        using var bare = ScriptedClient.Create(plain.Endpoint);
        var factory = new RequestFactory(options, null);
        var requests = Synthesis.Sentences(sentences).SelectMany(s => new[] { SynthesisRole.Positive, SynthesisRole.Negative }, (s, role) => factory.Single(s, new(role, 0), 0)).ToArray();
        var plainClock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = concurrency }, async (request, token) => await bare.GetResponseAsync(request.Messages, request.Options, token));
        plainClock.Stop();
        TestContext.WriteLine($"a plain loop over the same requests: {plainClock.Elapsed.TotalSeconds:f2} s, {plain.MeanConcurrent:f1} under way on average ({plain.MeanConcurrent / concurrency:p1})");
        double ideal = Math.Ceiling(measured.Requests / (double)concurrency) * latency / 1000;
        TestContext.WriteLine($"{measured.Requests} requests at concurrency {concurrency} and {latency} ms: {clock.Elapsed.TotalSeconds:f2} s, ideal {ideal:f2} s ({ideal / clock.Elapsed.TotalSeconds:p1}); "
            + $"on the server {measured.MeanConcurrent:f1} under way on average ({measured.MeanConcurrent / concurrency:p1}), {measured.MaxConcurrent} at most");
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
        Assert.IsLessThanOrEqualTo(concurrency, measured.MaxConcurrent);
        Assert.IsGreaterThanOrEqualTo(0.95, measured.MeanConcurrent / concurrency);
    }
}
