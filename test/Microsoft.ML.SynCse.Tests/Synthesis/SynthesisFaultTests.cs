using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Faults of the provider, cancellation and limits, with a client in the process; over HTTP: SynthesisServerTests.</summary>
[TestClass]
public sealed class SynthesisFaultTests
{
    [TestMethod]
    public async Task A_transient_fault_is_repeated_each_try_with_an_id_of_its_own_and_all_are_in_the_journal()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(
            folder) with
        { MaxRetries = 50 };                                // by chance one request may meet many faults
        var client = new FakeChatClient((request, _) => request.Number % 3 == 0 ? throw new HttpRequestException("down", null,
            HttpStatusCode.ServiceUnavailable) : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(30));
        Assert.IsTrue(outcomes.All(o => o is { Example: not null, Attempts: 2 }));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((client.Calls, 60L, client.Calls - 60L),
            ((int)report.Requests, report.AcceptedRequests, report.FaultedRequests["http-503"]));
        Assert.HasCount(client.Calls, client.Requests.Select(r => r.AttemptId).Distinct());
        // An error status is not billed; 60 replies of 100 and 10 tokens are.
        Assert.AreEqual((6000L, 600L), (report.InputTokens, report.OutputTokens));
    }

    [TestMethod]
    public async Task A_sentence_whose_request_fails_every_time_is_reported_and_tried_again_by_the_next_run()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxRetries = 2 };
        bool down = true;
        var client = new FakeChatClient((request, _) => down && request.Sentence!.Contains("number 7 ", StringComparison.Ordinal)
            ? throw new IOException("cut") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        Assert.AreEqual("fault: cut-reply", outcomes[7].Why());
        Assert.AreEqual(19, outcomes.Count(o => o.Example is not null));
        down = false;
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(20))).All(o => o.Example is not null));
        Assert.AreEqual(3 + 40, client.Calls);
        Assert.IsEmpty((await Synthesis.ReportAsync(options)).RejectedSentences);
    }

    [TestMethod]
    [DataRow(HttpStatusCode.Unauthorized, "http-401")]
    [DataRow(HttpStatusCode.Forbidden, "http-403")]
    [DataRow(HttpStatusCode.NotFound, "http-404")]
    [DataRow(HttpStatusCode.BadRequest, "http-400")]
    public async Task A_permanent_fault_stops_the_run_at_once_with_one_error_and_keeps_everything(HttpStatusCode status, string name)
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient((request, _) => request.Number >= 50 ? throw new HttpRequestException("no", null, status)
            : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        List<SynthesisOutcome> before = [];
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(async () =>
            {
                await foreach (var outcome in synthesizer.SynthesizeAsync(Synthesis.Sentences(1000))) before.Add(outcome);
            });
            Assert.AreEqual(SynthesisStopReason.ProviderRefuses, stopped.Reason);
            StringAssert.Contains(stopped.Message, name);
            Assert.IsNull(stopped.InnerException);
            Assert.AreEqual(stopped.Message, (await synthesizer.GetReportAsync()).StoppedBecause);
        }
        Assert.IsLessThan(50 + 12, client.Calls);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual(50, report.AcceptedRequests);
        Assert.IsLessThanOrEqualTo(25, before.Count);
        // Mended, the same call goes on and pays for the rest alone.
        var good = new FakeChatClient(r => r.GoodAnswer());
        var all = await Synthesis.RunAsync(good, options, Synthesis.Sentences(1000));
        Assert.IsTrue(all.All(o => o.Example is not null));
        Assert.AreEqual(2000 - 50, good.Calls);
    }

    [TestMethod]
    public async Task A_provider_that_fails_everywhere_stops_the_run_before_it_has_tried_every_sentence()
    {
        var client = new FakeChatClient((_, _) => throw new HttpRequestException("connection refused"));
        var options = new TripletSynthesisOptions { RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetries = 3 };
        var stopped = await Assert
            .ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(5000)));
        Assert.AreEqual(SynthesisStopReason.ProviderDown, stopped.Reason);
        Assert.IsLessThan(100, client.Calls);
    }

    [TestMethod]
    public async Task Rate_limits_hold_everybody_back_as_long_as_they_say()
    {
        var clock = Stopwatch.StartNew();
        List<long> calls = [];
        var client = new FakeChatClient((request, _) =>
        {
            lock (calls) calls.Add(clock.ElapsedMilliseconds);
            return request.Number < 4 ? throw new InvalidOperationException("slow down")
                : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer()));
        });
        var wait = TimeSpan.FromMilliseconds(600);
        var options = new TripletSynthesisOptions
        {
            MaxConcurrency = 4,
            MaxRetries = 0,
            ClassifyFault = error
                => error is InvalidOperationException ? new(SynthesisFaultKind.Throttled, "slow-down") { RetryAfter = wait } : null,
        };
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
        // The first four calls were told to wait; nothing was sent until then.
        Assert.IsGreaterThanOrEqualTo(590, calls[4] - calls[0]);
        Assert.AreEqual(44, client.Calls);
    }

    [TestMethod]
    public async Task A_wait_that_is_too_long_stops_the_run()
    {
        var client = new FakeChatClient((_, _) => throw new InvalidOperationException("later"));
        var options = new TripletSynthesisOptions
        {
            ClassifyFault = _
            => new(SynthesisFaultKind.Throttled, "daily") { RetryAfter = TimeSpan.FromHours(3) }
        };
        var stopped = await Assert
            .ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(10)));
        StringAssert.Contains(stopped.Message, "10800 s");
    }

    [TestMethod]
    public async Task A_sentence_that_the_provider_refuses_is_rejected_and_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with
        {
            ClassifyFault = error => error is ArgumentException
            ? new(SynthesisFaultKind.Refused, "filter") { MayBeBilled = false } : null
        };
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 2 ", StringComparison.Ordinal)
            ? throw new ArgumentException("not this") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(5));
        Assert.AreEqual("positive: refused (filter: ArgumentException: not this)", outcomes[2].Why());
        Assert.AreEqual((4, 3), (outcomes.Count(o => o.Example is not null), outcomes[2].Attempts));
        Assert.AreEqual(outcomes[2].Why(), (await Synthesis.RunAsync(client, options, Synthesis.Sentences(5)))[2].Why());
        Assert.AreEqual(11, client.Calls);
    }

    [TestMethod]
    public async Task A_sentence_that_never_succeeds_does_not_stop_later_runs_and_its_copies_are_tried_once_a_run()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxRetries = 2 };
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 3 ", StringComparison.Ordinal)
            ? throw new IOException("cut") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        string[] sentences = [.. Synthesis.Sentences(10), .. Enumerable.Repeat(Synthesis.Sentences(4)[3], 30)];
        await Synthesis.RunAsync(client, options, sentences);
        int before = client.Calls;
        for (int run = 1; run <= 2; run++)
        {
            var outcomes = await Synthesis.RunAsync(client, options, sentences);
            Assert.HasCount(40, outcomes);
            Assert.AreEqual(31, outcomes.Count(o => o.Why() == "fault: cut-reply"));
            Assert.AreEqual(before + 3 * run, client.Calls);
        }
    }

    [TestMethod]
    public async Task A_hung_request_ends_at_its_timeout_and_is_repeated()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { RequestTimeout = TimeSpan.FromMilliseconds(200) };
        var never = new TaskCompletionSource<ChatResponse>();
        var client = new FakeChatClient((request, _) => request.Number == 3 ? never.Task
            : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(20))).All(o => o.Example is not null));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual(1, report.FaultedRequests["timeout"]);
        // Nobody knows whether it was billed: its reservation counts.
        Assert.IsGreaterThan(4000, report.InputTokens);
        Assert.AreEqual(1, report.RequestsWithoutUsage);
    }

    [TestMethod]
    public async Task What_one_piece_of_work_on_the_journal_throws_is_its_own()
    {
        using var folder = new TemporaryFolder();
        var journal = await JournalStore.OpenAsync(folder.New("j"), CancellationToken.None);
        var wrong = journal.WriteAsync(_ => throw new FormatException("mine"));
        var right = journal.WriteAsync(tables => tables.SaveScore(new byte[32], 0.5));
        await Assert.ThrowsExactlyAsync<FormatException>(() => wrong);
        await right;
        Assert.AreEqual(0.5, await journal.ReadAsync(tables => tables.FindScore(new byte[32])));
        await journal.CloseAsync();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => journal.ReadAsync(tables => 1));
    }

    [TestMethod]
    public async Task A_rate_limit_that_says_to_wait_no_time_is_waited_for_like_one_that_says_nothing()
    {
        var client = new FakeChatClient((request, _) => request.Number < 5 ? throw new InvalidOperationException("slow down")
            : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var options = new TripletSynthesisOptions
        {
            MaxConcurrency = 1,
            RetryDelay = TimeSpan.FromMilliseconds(200),
            ClassifyFault = error => error is InvalidOperationException
                ? new(SynthesisFaultKind.Throttled, "slow-down") { RetryAfter = TimeSpan.Zero } : null,
        };
        var clock = Stopwatch.StartNew();
        Assert.IsNotNull((await Synthesis.RunAsync(client, options, Synthesis.Sentences(1)))[0].Example);
        Assert.IsGreaterThan(500, clock.ElapsedMilliseconds);
    }

    [TestMethod]
    public async Task A_sentence_whose_requests_all_failed_was_asked_for_in_this_run()
    {
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 7 ", StringComparison.Ordinal)
            ? throw new IOException("cut") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, new() { RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetries = 1 },
            Synthesis.Sentences(20));
        Assert.AreEqual(("fault: cut-reply", false), (outcomes[7].Why(), outcomes[7].FromJournal));
    }
}
