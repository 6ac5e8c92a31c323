using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// How much of the allowed concurrency is busy, over real HTTP, beside the ideal time and beside a plain loop over the same requests;
/// rounds interleaved, the first ones warm up.
/// </summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class SynthesisSpeedCampaign
{
    private const int WarmUp = 2, Rounds = 5;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(64, 50, 6000)]
    public async Task The_allowed_concurrency_is_busy(int concurrency, int latency, int count)
    {
        using var folder = new TemporaryFolder();
        string[] sentences = Synthesis.Sentences(count);
        var factory = new RequestFactory(new(), null);
        var requests = sentences.SelectMany(s => new[] { SynthesisRole.Positive, SynthesisRole.Negative },
            (s, role) => factory.Single(s, new(role, 0), 0)).ToArray();
        List<double> shares = [];
        for (int round = 0; round < WarmUp + Rounds; round++)
        {
            double share = await MeasureAsync("synthesizer", concurrency, latency, async client =>
            {
                var outcomes = await Synthesis.RunAsync(client, Synthesis.Options(folder) with { MaxConcurrency = concurrency }, sentences);
                Assert.IsTrue(outcomes.All(o => o.Example is not null));
            });
            await MeasureAsync("plain loop", concurrency, latency,
                client => Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = concurrency },
                async (request, token) => await client.GetResponseAsync(request.Messages, request.Options, token)));
            if (round >= WarmUp) shares.Add(share);
        }
        shares.Sort();
        TestContext.WriteLine($"median of {Rounds}: {shares[Rounds / 2]:p1}");
        Assert.IsGreaterThanOrEqualTo(0.95, shares[Rounds / 2]);
    }

    private async Task<double> MeasureAsync(string what, int concurrency, int latency, Func<IChatClient, Task> run)
    {
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => good.Answer(r) with { Latency = TimeSpan.FromMilliseconds(latency) });
        using var client = ScriptedClient.Create(server.Endpoint);
        var (processor, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        await run(client);
        clock.Stop();
        processor = Environment.CpuUsage.TotalTime - processor;
        await server.IdleAsync();
        double ideal = Math.Ceiling(server.Requests / (double)concurrency) * latency / 1000, share = server.MeanConcurrent / concurrency;
        TestContext.WriteLine($"{what}: {server.Requests} requests in {clock.Elapsed.TotalSeconds:f2} s, ideal {ideal:f2} s "
            + $"({ideal / clock.Elapsed.TotalSeconds:p1}); {server.MeanConcurrent:f1} of {concurrency} under way on average ({share:p1}), "
            + $"{server.MaxConcurrent} at most; {processor.TotalSeconds:f1} s of processor time, the server's included");
        Assert.IsLessThanOrEqualTo(concurrency, server.MaxConcurrent);
        return share;
    }
}
