using System.Net;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>How runs end: cancellation, a reader that stops, a source or a progress that fails.</summary>
[TestClass]
public sealed class SynthesisEndTests
{
    // Alone: the thread pool that other tests keep busy is no part of what is measured.
    [TestMethod]
    [DoNotParallelize]
    public async Task Cancellation_ends_a_run_even_of_a_client_that_does_not_listen_and_keeps_what_was_read()
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
            await Assert.ThrowsExactlyAsync<OperationCanceledException>(
                () => Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(100), cancellationToken: cancel.Token)));
            Assert.IsFalse(never.Task.IsCompleted, "the run ended although the client still works");
        }
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((30L, 8L, 0L), (report.AcceptedRequests, report.FaultedRequests["cancelled"], report.LostRequests));
        var good = new FakeChatClient(r => r.GoodAnswer());
        Assert.IsTrue((await Synthesis.RunAsync(good, options, Synthesis.Sentences(100))).All(o => o.Example is not null));
        Assert.AreEqual(170, good.Calls);
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
        var run = Synthesis.CollectAsync(asynchronous ? synthesizer.SynthesizeAsync(Deaf(), cancellationToken: cancel.Token)
            : synthesizer.SynthesizeAsync(Blocking(never), cancellationToken: cancel.Token));
        await Task.Delay(200, CancellationToken.None);
        cancel.Cancel();
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => run);
        Assert.IsFalse(never.IsSet, "the run ended although the source still blocks");
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
            foreach (string sentence in Synthesis.Sentences(5)) yield return sentence;
            throw new FormatException("line 6");
        }
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
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(
            () => Synthesis.RunAsync(client, new(), Synthesis.Sentences(1), progress));
        StringAssert.Contains(error.Message, "the window is closed");
    }

    [TestMethod]
    public async Task A_run_that_stops_leaves_no_exception_that_nobody_looked_at()
    {
        List<string> unobserved = [];
        void Note(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            lock (unobserved) unobserved.AddRange(args.Exception.InnerExceptions.OfType<SynthesisStoppedException>().Select(e => e.Message)
                .Where(m => m.Contains("marked here", StringComparison.Ordinal)));
        }
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            for (int i = 0; i < 10; i++)
            {
                var client = new FakeChatClient(async (request, cancellationToken) =>
                {
                    await Task.Delay(10, cancellationToken);
                    return request.Number >= 3 ? throw new HttpRequestException("marked here", null, HttpStatusCode.Unauthorized)
                        : FakeChatClient.Reply(request.GoodAnswer());
                });
                await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(
                    () => Synthesis.RunAsync(client, new() { MaxConcurrency = 2 }, Synthesis.Sentences(2000)));
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

    private sealed class InstantProgress(Action<SynthesisProgress> told) : IProgress<SynthesisProgress>
    {
        public void Report(SynthesisProgress value) => told(value);
    }
}
