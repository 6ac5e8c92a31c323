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
        var options = Synthesis.Options(folder) with { MaxRetries = 50 };                                // by chance one request may meet many faults
        var client = new FakeChatClient((request, _) => request.Number % 3 == 0 ? throw new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable) : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(30));
        Assert.IsTrue(outcomes.All(o => o is { Example: not null, Attempts: 2 }));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((client.Calls, 60L, client.Calls - 60L), ((int)report.Requests, report.AcceptedRequests, report.FaultedRequests["http-503"]));
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
        var client = new FakeChatClient((request, _) => request.Number >= 50 ? throw new HttpRequestException("no", null, status) : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
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
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(5000)));
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
            return request.Number < 4 ? throw new InvalidOperationException("slow down") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer()));
        });
        var wait = TimeSpan.FromMilliseconds(600);
        var options = new TripletSynthesisOptions { MaxConcurrency = 4, MaxRetries = 0, ClassifyFault = error => error is InvalidOperationException ? new(SynthesisFaultKind.Throttled, "slow-down") { RetryAfter = wait } : null };
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
        var options = new TripletSynthesisOptions { ClassifyFault = _ => new(SynthesisFaultKind.Throttled, "daily") { RetryAfter = TimeSpan.FromHours(3) } };
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(10)));
        StringAssert.Contains(stopped.Message, "10800 s");
    }

    [TestMethod]
    public async Task A_sentence_that_the_provider_refuses_is_rejected_and_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { ClassifyFault = error => error is ArgumentException ? new(SynthesisFaultKind.Refused, "filter") { MayBeBilled = false } : null };
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 2 ", StringComparison.Ordinal) ? throw new ArgumentException("not this") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(5));
        Assert.AreEqual("positive: refused (filter: ArgumentException: not this)", outcomes[2].Why());
        Assert.AreEqual((4, 3), (outcomes.Count(o => o.Example is not null), outcomes[2].Attempts));
        Assert.AreEqual(outcomes[2].Why(), (await Synthesis.RunAsync(client, options, Synthesis.Sentences(5)))[2].Why());
        Assert.AreEqual(11, client.Calls);
    }

    // Alone: the thread pool that other tests keep busy is no part of what is measured.
    [TestMethod]
    [DoNotParallelize]
    public async Task Cancellation_ends_a_run_within_a_second_even_of_a_client_that_does_not_listen_and_keeps_what_was_read()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        using var cancel = new CancellationTokenSource();
        var never = new TaskCompletionSource<ChatResponse>();
        var client = new FakeChatClient((request, _) =>
        {
            if (request.Number < 30) return Task.FromResult(FakeChatClient.Reply(request.GoodAnswer()));
            if (request.Number == 36) cancel.CancelAfter(50);
            return never.Task;
        });
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            long cancelled = 0;
            cancel.Token.Register(() => cancelled = Stopwatch.GetTimestamp());
            await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(100), cancellationToken: cancel.Token)));
            Assert.IsLessThan(1, Stopwatch.GetElapsedTime(cancelled).TotalSeconds);
        }
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((30L, 8L, 0L), (report.AcceptedRequests, report.FaultedRequests["cancelled"], report.LostRequests));
        var good = new FakeChatClient(r => r.GoodAnswer());
        Assert.IsTrue((await Synthesis.RunAsync(good, options, Synthesis.Sentences(100))).All(o => o.Example is not null));
        Assert.AreEqual(170, good.Calls);
    }

    [TestMethod]
    public async Task A_sentence_that_never_succeeds_does_not_stop_later_runs_and_its_copies_are_tried_once_a_run()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxRetries = 2 };
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 3 ", StringComparison.Ordinal) ? throw new IOException("cut") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
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

    // Alone: the thread pool that other tests keep busy is no part of what is measured.
    [TestMethod]
    [DoNotParallelize]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Cancellation_does_not_wait_for_a_source_that_does_not_listen(bool asynchronous)
    {
        using var cancel = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()));
        var run = Synthesis.CollectAsync(asynchronous ? synthesizer.SynthesizeAsync(Deaf(), cancellationToken: cancel.Token) : synthesizer.SynthesizeAsync(Blocking(never), cancellationToken: cancel.Token));
        await Task.Delay(200, CancellationToken.None);
        long cancelled = Stopwatch.GetTimestamp();
        cancel.Cancel();
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => run);
        Assert.IsLessThan(1, Stopwatch.GetElapsedTime(cancelled).TotalSeconds);
        never.Set();

        static async IAsyncEnumerable<string> Deaf()
        {
            yield return "A first sentence about parcels";
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        static IEnumerable<string> Blocking(ManualResetEventSlim never)
        {
            yield return "A first sentence about parcels";
            never.Wait(CancellationToken.None);
        }
    }

    [TestMethod]
    public async Task A_hung_request_ends_at_its_timeout_and_is_repeated()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { RequestTimeout = TimeSpan.FromMilliseconds(200) };
        var never = new TaskCompletionSource<ChatResponse>();
        var client = new FakeChatClient((request, _) => request.Number == 3 ? never.Task : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
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
    public async Task Who_stops_reading_ends_the_run_and_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(r => r.GoodAnswer());
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            await foreach (var outcome in synthesizer.SynthesizeAsync(Endless()))
            {
                if (outcome.Anchor.Contains("number 10 ", StringComparison.Ordinal)) break;
            }
            // At most a window of sentences was begun.
            Assert.IsLessThan(2 * 400, client.Calls);
            Assert.IsNull((await synthesizer.GetReportAsync()).StoppedBecause);
        }
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual(client.Calls, report.AcceptedRequests + report.FaultedRequests.Values.Sum());

        static async IAsyncEnumerable<string> Endless()
        {
            for (int i = 0; ; i++)
            {
                await Task.Yield();
                yield return $"Order number {i} came late";
            }
        }
    }

    [TestMethod]
    public async Task A_source_that_fails_gives_its_error_after_the_outcomes_before_it()
    {
        var client = new FakeChatClient(r => r.GoodAnswer());
        List<SynthesisOutcome> outcomes = [];
        await using var synthesizer = new TripletSynthesizer(client);
        await Assert.ThrowsExactlyAsync<FormatException>(async () =>
        {
            await foreach (var outcome in synthesizer.SynthesizeAsync(Failing())) outcomes.Add(outcome);
        });
        Assert.HasCount(5, outcomes);
        // And the synthesizer can be used again.
        Assert.HasCount(3, await Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(3))));

        static IEnumerable<string> Failing()
        {
            foreach (var sentence in Synthesis.Sentences(5)) yield return sentence;
            throw new FormatException("line 6");
        }
    }

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
        var client = new FakeChatClient(async (request, token) =>
        {
            await Task.Delay(2, token);
            return request.Number % 5 == 4 ? throw new IOException("cut") : FakeChatClient.Reply(request.GoodAnswer(), input: 900, output: 55);
        });
        for (int run = 0; run < 2; run++)
        {
            var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(200)));
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
        var client = new FakeChatClient((request, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, request.GoodAnswer()))));
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
            (new() { MaxConcurrency = 0 }, "MaxConcurrency"), (new() { MaxAttempts = 0 }, "MaxAttempts"), (new() { RequestTimeout = TimeSpan.Zero }, "RequestTimeout"), (new() { MaxRetries = -1 }, "MaxRetries"),
            (new() { SentencesPerRequest = 0 }, "SentencesPerRequest"), (new() { PositivesPerSentence = 0 }, "PositivesPerSentence"), (new() { NegativesPerSentence = -1 }, "NegativesPerSentence"),
            (new() { Temperature = 3 }, "Temperature"), (new() { TopP = 0 }, "TopP"), (new() { MaxOutputTokens = 0 }, "MaxOutputTokens"), (new() { JournalPath = " " }, "JournalPath"), (new() { MaxConsecutiveRejections = 0 }, "MaxConsecutiveRejections"),
            (new() { Limits = new() { MaxCost = 1 }, MaxOutputTokens = 5 }, "Prices"), (new() { Limits = new() { MaxOutputTokens = 100 } }, "MaxOutputTokens"), (new() { Limits = new() { MaxRequests = 0 } }, "MaxRequests"),
            (new() { Prices = new(-1, 0) }, "Prices"), (new() { ReplyFormat = (ReplyFormat)9 }, "ReplyFormat"), (new() { PairChecks = [new JudgeCheck(), new JudgeCheck()] }, "PairChecks"), (new() { Rules = [null!] }, "Rules"),
        ];
        foreach (var (options, name) in wrong) StringAssert.Contains(Assert.Throws<ArgumentException>(() => new TripletSynthesizer(client, options), name).Message, name);
    }

    [TestMethod]
    public async Task A_progress_that_throws_while_nothing_comes_ends_the_run_and_not_the_process()
    {
        int reports = 0;
        var client = new FakeChatClient(async (request, cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5), cancellationToken);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        // The first report is made before anything is sent, the second by a timer, on a thread of nobody's.
        var progress = new InstantProgress(_ => { if (++reports == 2) throw new InvalidOperationException("the window is closed"); });
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => Synthesis.RunAsync(client, new(), Synthesis.Sentences(1), progress));
        StringAssert.Contains(error.Message, "the window is closed");
    }

    private sealed class InstantProgress(Action<SynthesisProgress> told) : IProgress<SynthesisProgress>
    {
        public void Report(SynthesisProgress value) => told(value);
    }

    [TestMethod]
    public async Task A_rate_limit_that_says_to_wait_no_time_is_waited_for_like_one_that_says_nothing()
    {
        var client = new FakeChatClient((request, _) => request.Number < 5 ? throw new InvalidOperationException("slow down") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var options = new TripletSynthesisOptions
        {
            MaxConcurrency = 1,
            RetryDelay = TimeSpan.FromMilliseconds(200),
            ClassifyFault = error => error is InvalidOperationException ? new(SynthesisFaultKind.Throttled, "slow-down") { RetryAfter = TimeSpan.Zero } : null,
        };
        var clock = Stopwatch.StartNew();
        Assert.IsNotNull((await Synthesis.RunAsync(client, options, Synthesis.Sentences(1)))[0].Example);
        Assert.IsGreaterThan(500, clock.ElapsedMilliseconds);
    }

    [TestMethod]
    public async Task A_run_that_stops_leaves_no_exception_that_nobody_looked_at()
    {
        List<string> unobserved = [];
        void Note(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            lock (unobserved) unobserved.AddRange(args.Exception.InnerExceptions.OfType<SynthesisStoppedException>().Select(e => e.Message).Where(m => m.Contains("marked here", StringComparison.Ordinal)));
        }
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            for (int i = 0; i < 10; i++)
            {
                var client = new FakeChatClient(async (request, cancellationToken) =>
                {
                    await Task.Delay(10, cancellationToken);
                    return request.Number >= 3 ? throw new HttpRequestException("marked here", null, HttpStatusCode.Unauthorized) : FakeChatClient.Reply(request.GoodAnswer());
                });
                await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, new() { MaxConcurrency = 2 }, Synthesis.Sentences(2000)));
            }
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
        Assert.IsEmpty(unobserved);
    }

    [TestMethod]
    public async Task A_sentence_whose_requests_all_failed_was_asked_for_in_this_run()
    {
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 7 ", StringComparison.Ordinal) ? throw new IOException("cut") : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, new() { RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetries = 1 }, Synthesis.Sentences(20));
        Assert.AreEqual(("fault: cut-reply", false), (outcomes[7].Why(), outcomes[7].FromJournal));
    }
}
