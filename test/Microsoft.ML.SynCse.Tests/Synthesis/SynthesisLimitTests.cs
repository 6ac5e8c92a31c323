using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Limits of a run, and the ranges of options.</summary>
[TestClass]
public sealed class SynthesisLimitTests
{
    [TestMethod]
    [DataRow("requests")]
    [DataRow("input")]
    [DataRow("output")]
    [DataRow("cost")]
    public async Task A_limit_is_not_passed_over_several_runs_and_all_before_it_is_kept(string what)
    {
        using var folder = new TemporaryFolder();
        var limits = what switch
        {
            "requests" => new SynthesisLimits { MaxRequests = 30 },
            "input" => new SynthesisLimits { MaxInputTokens = 20_000 },
            "output" => new SynthesisLimits { MaxOutputTokens = 900 },
            _ => new SynthesisLimits { MaxCost = 0.02m },
        };
        var options = Synthesis.Options(folder) with { Limits = limits, Prices = new(1, 10), MaxOutputTokens = 60 };
        // Each request is cut once at most: whether it is accepted in the end must not depend on how requests interleave.
        var cut = new ConcurrentDictionary<string, bool>();
        var client = new FakeChatClient(async (request, token) =>
        {
            await Task.Delay(2, token);
            string key = string.Join('\n', request.Messages.Select(m => m.Text));
            return request.Number % 5 == 4 && cut.TryAdd(key, true) ? throw new IOException("cut")
                : FakeChatClient.Reply(request.GoodAnswer(), input: 900, output: 55);
        });
        for (int run = 0; run < 2; run++)
        {
            var stopped = await Assert
                .ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(200)));
            Assert.AreEqual(SynthesisStopReason.LimitReached, stopped.Reason);
            var report = await Synthesis.ReportAsync(options);
            Assert.IsLessThanOrEqualTo(limits.MaxRequests ?? long.MaxValue, report.Requests);
            Assert.IsLessThanOrEqualTo(limits.MaxInputTokens ?? long.MaxValue, report.InputTokens);
            Assert.IsLessThanOrEqualTo(limits.MaxOutputTokens ?? long.MaxValue, report.OutputTokens);
            Assert.IsLessThanOrEqualTo(limits.MaxCost ?? decimal.MaxValue, report.Cost!.Value);
            Assert.AreEqual(client.Calls, report.Requests);
            Assert.IsGreaterThan(10, report.Requests);
        }
        var raised = options with { Limits = null };
        Assert.IsTrue((await Synthesis.RunAsync(client, raised, Synthesis.Sentences(200))).All(o => o.Example is not null));
    }

    [TestMethod]
    public async Task Without_usage_the_reservation_counts_and_the_report_says_how_often()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxOutputTokens = 60 };
        var client = new FakeChatClient(
            (request, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, request.GoodAnswer()))));
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(5));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((10L, 600L), (report.RequestsWithoutUsage, report.OutputTokens));
        Assert.IsGreaterThan(client.Requests.Sum(r => r.Messages.Sum(m => (long)m.Text.Length)), report.InputTokens);
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        var client = new FakeChatClient(r => r.GoodAnswer());
        (TripletSynthesisOptions Options, string Name)[] wrong =
        [
            (new() { MaxConcurrency = 0 }, "MaxConcurrency"), (new() { MaxAttempts = 0 }, "MaxAttempts"),
            (new() { RequestTimeout = TimeSpan.Zero }, "RequestTimeout"), (new() { MaxRetries = -1 }, "MaxRetries"),
            (new() { SentencesPerRequest = 0 }, "SentencesPerRequest"), (new() { PositivesPerSentence = 0 }, "PositivesPerSentence"),
            (new() { NegativesPerSentence = -1 }, "NegativesPerSentence"),
            (new() { Temperature = 3 }, "Temperature"), (new() { TopP = 0 }, "TopP"), (new() { MaxOutputTokens = 0 }, "MaxOutputTokens"),
            (new() { JournalPath = " " }, "JournalPath"), (new() { MaxConsecutiveRejections = 0 }, "MaxConsecutiveRejections"),
            (new() { Limits = new() { MaxCost = 1 }, MaxOutputTokens = 5 }, "Prices"), (new() { Limits = new() { MaxOutputTokens = 100 } },
                "MaxOutputTokens"), (new() { Limits = new() { MaxRequests = 0 } }, "MaxRequests"),
            (new() { Prices = new(-1, 0) }, "Prices"), (new() { ReplyFormat = (ReplyFormat)9 }, "ReplyFormat"),
            (new() { PairChecks = [new JudgeCheck(), new JudgeCheck()] }, "PairChecks"), (new() { Rules = [null!] }, "Rules"),
        ];
        foreach (var (options, name) in wrong)
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => new TripletSynthesizer(client, options), name).Message, name);
    }
}
