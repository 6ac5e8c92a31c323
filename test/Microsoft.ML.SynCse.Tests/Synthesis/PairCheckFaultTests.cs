using Microsoft.Extensions.AI;
using static Microsoft.ML.SynCse.Tests.PairCheckTests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Pair checks that throw, hang, or whose service fails.</summary>
[TestClass]
public sealed class PairCheckFaultTests
{
    [TestMethod]
    public async Task A_measure_that_fails_is_repeated_and_one_that_cannot_succeed_stops_the_run()
    {
        // The first measure of each text: by a count over all texts one of them could meet every fault on a busy machine.
        System.Collections.Concurrent.ConcurrentDictionary<string, bool> measured = new();
        var check = new Check(text => measured.TryAdd(text, true)
            ? throw new IOException("cut", new System.Net.Sockets.SocketException(104)) : 0.5);
        var options = new TripletSynthesisOptions { RetryDelay = TimeSpan.FromMilliseconds(1), MaxConcurrency = 1, PairChecks = [check] };
        var client = new FakeChatClient(r => r.GoodAnswer());
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(10)))
            .All(o => o.Example is not null && o.Scores!.Count == 2));
        var never = options with
        {
            PairChecks = [new Check(
            _ => throw new HttpRequestException("Bearer abcdefgh", null, System.Net.HttpStatusCode.Unauthorized))]
        };
        var stopped = await Assert
            .ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, never, Synthesis.Sentences(10)));
        StringAssert.Contains(stopped.Message, "own-http-401");
        Assert.DoesNotContain("abcdefgh", stopped.ToString());
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(9)]
    public async Task A_check_that_throws_ends_the_run_with_its_name_and_the_exception_inside(int which)
    {
        Exception thrown = which switch
        {
            0 => new InvalidOperationException("mine"),
            1 => new KeyNotFoundException("mine"),
            2 => new FileNotFoundException("mine"),
            3 => new IOException("mine"),
            4 => new EndOfStreamException("mine"),
            5 => new FileLoadException("mine"),
            6 => new OperationCanceledException("mine"),
            7 => new TaskCanceledException("mine", new InvalidOperationException("inside")),
            8 => new AggregateException(new HttpRequestException("before"), new IOException("mine")),
            _ => new NotImplementedException("mine"),
        };
        int calls = 0;
        var check = new Check(_ =>
        {
            Interlocked.Increment(ref calls);
            throw thrown;
        });
        var client = new FakeChatClient(r => r.GoodAnswer());
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(()
            => Synthesis.RunAsync(client, new() { MaxConcurrency = 1, PairChecks = [check] }, Synthesis.Sentences(1000)));
        StringAssert.Contains(error.Message, "'own'");
        Assert.AreSame(thrown, error.InnerException);
        // Each text once, and none beyond the 256 sentences that are at work together.
        Assert.IsLessThanOrEqualTo(256, calls);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public async Task What_a_connection_throws_in_a_check_is_the_services_and_is_repeated(int which)
    {
        Exception thrown = which switch
        {
            0 => new IOException("cut", new System.Net.Sockets.SocketException(104)),
            1 => new HttpIOException(HttpRequestError.ResponseEnded),
            2 => new IOException("cut", new HttpIOException(HttpRequestError.ResponseEnded)),
            3 => new IOException("cut", new InvalidOperationException("between", new HttpRequestException("cut"))),
            4 => new TaskCanceledException("HttpClient.Timeout", new TimeoutException()),
            _ => new TimeoutException(),
        };
        System.Collections.Concurrent.ConcurrentDictionary<string, bool> measured = new();
        var check = new Check(text => measured.TryAdd(text, true) ? throw thrown : 0.5);
        await AllAreAcceptedAsync(new() { MaxConcurrency = 1, PairChecks = [check] }, sentences: 3);
    }

    [TestMethod]
    public async Task An_answer_that_is_cut_while_a_check_reads_it_is_the_services()
    {
        await using var server = await ScriptedServer.StartAsync(r => r.Ordinal == 1
            ? ServerBehavior.HalfBody("half of it") : ServerBehavior.Reply("5"));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", ScriptedServer.DefaultKey);
        var check = new WaitingCheck(async () =>
        {
            using var content = new StringContent("""{"messages":[]}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, server.Endpoint + "/chat/completions") { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            try
            {
                return (await response.Content.ReadAsStringAsync()).Length > 0 ? 0.5 : 0;
            }
            catch (HttpRequestException)
            {
                throw new EndOfStreamException("the check's own words");
            }
        });
        await AllAreAcceptedAsync(new() { MaxConcurrency = 1, PairChecks = [check] }, sentences: 2);
        Assert.AreEqual(4 + 1, server.Requests);
    }

    [TestMethod]
    public async Task A_clients_own_timeout_in_a_check_is_the_services()
    {
        await using var server = await ScriptedServer.StartAsync(r => r.Ordinal == 1 ? ServerBehavior.Hang() : ServerBehavior.Reply("5"));
        using var client = ScriptedClient.Create(server.Endpoint, networkTimeout: TimeSpan.FromMilliseconds(300));
        var check = new WaitingCheck(async () => (await client.GetResponseAsync("How alike?")).Text.Length);
        await AllAreAcceptedAsync(new() { MaxConcurrency = 1, PairChecks = [check] }, sentences: 2);
    }

    [TestMethod]
    public async Task A_run_that_is_cancelled_while_a_check_measures_is_cancelled_whatever_the_check_throws()
    {
        foreach (Func<CancellationToken, Exception> thrown in new Func<CancellationToken, Exception>[]
        {
            token => new OperationCanceledException(token), _ => new OperationCanceledException(), _ => new IOException("mine"),
        })
        {
            using var source = new CancellationTokenSource();
            var check = new Check(_ =>
            {
                source.Cancel();
                throw thrown(source.Token);
            });
            await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()), new() { PairChecks = [check] });
            await Assert.ThrowsAsync<OperationCanceledException>(()
                => Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(3), cancellationToken: source.Token)));
        }
    }

    [TestMethod]
    public async Task A_measure_that_ends_itself_at_the_timeout_is_repeated()
    {
        System.Collections.Concurrent.ConcurrentDictionary<string, bool> measured = new();
        var check = new ListeningCheck(async (text, token) =>
        {
            if (measured.TryAdd(text, true))
            {
                while (!token.IsCancellationRequested) await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
                throw new OperationCanceledException("the check's own words");
            }
            return 0.5;
        });
        await AllAreAcceptedAsync(new() { RequestTimeout = TimeSpan.FromMilliseconds(400), PairChecks = [check] }, sentences: 2);
    }

    [TestMethod]
    public async Task A_check_whose_verdict_throws_ends_the_run_too()
    {
        var check = new Check(_ => 0.5) { Verdict = () => throw new FormatException("mine") };
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(()
            => Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), new() { PairChecks = [check] }, Synthesis.Sentences(20)));
        Assert.IsInstanceOfType<FormatException>(error.InnerException);
    }

    [TestMethod]
    public async Task A_measure_that_a_service_refuses_rejects_its_text_and_one_that_it_refuses_always_stops_the_run()
    {
        var check = new Check(text => text.Contains("number 7 ", StringComparison.Ordinal)
            ? throw new HttpRequestException("too long", null, System.Net.HttpStatusCode.RequestEntityTooLarge) : 0.5);
        var client = new FakeChatClient(r => r.GoodAnswer());
        var outcomes = await Synthesis.RunAsync(client, new() { PairChecks = [check] }, Synthesis.Sentences(20));
        Assert.AreEqual(19, outcomes.Count(o => o.Example is not null));
        StringAssert.StartsWith(outcomes[7].Why(), "positive: pair-own (own-http-413: ");
        int calls = 0;
        var never = new Check(_ => Interlocked.Increment(ref calls) > 0
            ? throw new HttpRequestException("no", null, System.Net.HttpStatusCode.BadRequest) : 0);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, new() { PairChecks = [never] }, Synthesis.Sentences(200)));
        StringAssert.Contains(stopped.Message, "own-http-400");
        Assert.AreEqual(10, calls);
    }

    [TestMethod]
    public async Task A_rule_that_throws_ends_the_run_with_its_name_and_the_reply_is_kept()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(r => r.GoodAnswer());
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(
            () => Synthesis.RunAsync(client, options with { MaxConcurrency = 1, Rules = [new ThrowingRule()] }, Synthesis.Sentences(1)));
        StringAssert.Contains(error.Message, "throwing");
        Assert.AreEqual(1, (await Synthesis.ReportAsync(options)).RejectedTexts["failed-rule"]);
        Assert.IsNotNull((await Synthesis.RunAsync(client, options, Synthesis.Sentences(1)))[0].Example);
        Assert.AreEqual(2, client.Calls);
    }

    [TestMethod]
    public async Task A_measure_that_hangs_ends_at_the_timeout_and_no_more_run_at_a_time_than_requests()
    {
        int now = 0, most = 0;
        var check = new WaitingCheck(async () =>
        {
            int here = Interlocked.Increment(ref now);
            for (int before = most; here > before && Interlocked.CompareExchange(ref most, here, before) != before; before = most) { }
            await Task.Delay(TimeSpan.FromMilliseconds(20));
            Interlocked.Decrement(ref now);
            return 0.5;
        });
        var options = new TripletSynthesisOptions
        {
            MaxConcurrency = 4,
            MaxRetries = 0,
            RequestTimeout = TimeSpan.FromSeconds(5),
            PairChecks = [check],
        };
        await Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), options, Synthesis.Sentences(40));
        Assert.IsLessThanOrEqualTo(4, most);

        // It does not listen to its token either.
        var hung = options with
        {
            RequestTimeout = TimeSpan.FromMilliseconds(300),
            PairChecks = [new WaitingCheck(() => new TaskCompletionSource<double>().Task)],
        };
        var ended = Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), hung, Synthesis.Sentences(2));
        Assert.AreSame(ended, await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(20))));
        await ended.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
    }

    // What a service's trouble costs is a repetition, not a sentence.
    private static async Task AllAreAcceptedAsync(TripletSynthesisOptions options, int sentences)
    {
        var patient = options with { RetryDelay = TimeSpan.FromMilliseconds(1) };
        var outcomes = await Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), patient, Synthesis.Sentences(sentences));
        Assert.IsTrue(outcomes.All(o => o.Example is not null), string.Join(", ", outcomes.Select(o => o.Why())));
    }

    private sealed class ThrowingRule : IReplyRule
    {
        public string Name => "throwing";

        public ReplyVerdict Check(ReplyCandidate candidate) => throw new FormatException("no");
    }

    private sealed class ListeningCheck(Func<string, CancellationToken, Task<double>> measure) : IPairScorer
    {
        public string Name => "listening";

        public string Source => "";

        public string Thresholds => "";

        public Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken) => measure(text, cancellationToken);

        public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores) => null;
    }

    private sealed class WaitingCheck(Func<Task<double>> measure) : IPairScorer
    {
        public string Name => "waiting";

        public string Source => "";

        public string Thresholds => "";

        public Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken) => measure();

        public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores) => null;
    }
}
