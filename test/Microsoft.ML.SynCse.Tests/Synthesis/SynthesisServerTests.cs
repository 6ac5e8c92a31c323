using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The synthesizer against a scripted server, through OpenAI's real client over real HTTP.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SynthesisServerTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task With_faults_of_all_kinds_every_sentence_has_an_outcome_and_every_attempt_is_in_the_journal_once()
    {
        using var folder = new TemporaryFolder();
        var script = new FaultScript(7, new GoodAnswers().Answer)
        {
            TransportFaultShare = 0.2,
            ContentFaultShare = 0.125,
            Latency = TimeSpan.FromMilliseconds(5),
        };
        await using var server = await ScriptedServer.StartAsync(script.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with
        {
            MaxConcurrency = 64,
            RequestTimeout = TimeSpan.FromSeconds(2),
            RetryDelay = TimeSpan.FromMilliseconds(20),
            MaxAttempts = 5,
            MaxRetries = 10,
        };
        string[] sentences = Synthesis.Sentences(2000);
        var outcomes = await Synthesis.RunAsync(client, options, sentences);
        await server.IdleAsync();

        CollectionAssert.AreEqual(sentences, outcomes.Select(o => o.Anchor).ToArray());
        Assert.IsTrue(outcomes.All(o => (o.Example is null) != (o.Why() is null)));
        Assert.IsEmpty(server.ScriptErrors);
        var journal = Attempts(options.JournalPath!);
        // Each attempt the server logged is there, once, with an end; and none that it never saw.
        string[] served = server.Log.Select(s => s.AttemptId!).ToArray();
        CollectionAssert.AllItemsAreUnique(served);
        CollectionAssert.AreEquivalent(served, journal.Select(a => a.Attempt).ToArray());
        Assert.IsTrue(journal.All(a => a.State is "accepted" or "rejected" or "faulted"));
        // What was accepted was not asked for again.
        Assert.IsTrue(journal.Where(a => a.State == "accepted").GroupBy(a => a.Key).All(g => g.Count() == 1));
        Assert.IsFalse(journal.GroupBy(a => a.Key).Any(g => g.SkipWhile(a => a.State == "faulted").Skip(1).Any()),
            "a request was sent again after its reply was read");
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual(2000, report.Sentences);
        Assert.IsGreaterThan(1900, report.Accepted);
        TestContext.WriteLine($"{outcomes.Count} sentences, {report.Accepted} accepted; {served.Length} attempts: "
            + $"{report.AcceptedRequests} accepted, {report.RejectedRequests} rejected, {report.FaultedRequests.Values.Sum()} faulted");
        TestContext.WriteLine($"faults: {Text(report.FaultedRequests)}");
        TestContext.WriteLine($"rejected texts: {Text(report.RejectedTexts)}; rejected sentences: {Text(report.RejectedSentences)}");
        int asked = server.Log.Count;
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes), Synthesis.Lines(await Synthesis.RunAsync(client, options, sentences)));
        Assert.AreEqual(asked, server.Log.Count);
    }

    [TestMethod]
    [DataRow(TransportFault.RateLimited, "http-429")]
    [DataRow(TransportFault.RateLimitedForSeconds, "http-429")]
    [DataRow(TransportFault.RateLimitedUntilDate, "http-429")]
    [DataRow(TransportFault.RateLimitedForMilliseconds, "http-429")]
    [DataRow(TransportFault.RequestTimeout, "http-408")]
    [DataRow(TransportFault.ServerError, "http-500")]
    [DataRow(TransportFault.BadGatewayPage, "http-502")]
    [DataRow(TransportFault.Unavailable, "http-503")]
    [DataRow(TransportFault.Reset, "connection")]
    [DataRow(TransportFault.HalfBody, "cut-reply")]
    [DataRow(TransportFault.HalfBodyReset, "cut-reply")]
    [DataRow(TransportFault.Page, "unreadable")]
    [DataRow(TransportFault.InvalidJson, "unreadable")]
    [DataRow(TransportFault.EmptyObject, "unreadable")]
    [DataRow(TransportFault.NoChoices, "unreadable")]
    [DataRow(TransportFault.Hang, "timeout")]
    public async Task A_passing_fault_is_named_in_the_journal_and_got_over(TransportFault fault, string name)
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => r.Ordinal == 1
            ? TransportFaults.Make(fault, good.Answer(r), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)) : good.Answer(r));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { RequestTimeout = TimeSpan.FromSeconds(1), MaxConcurrency = 1 };
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(2));
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((5L, name, 1L), (report.Requests, report.FaultedRequests.Keys.Single(), report.FaultedRequests.Values.Single()));
    }

    [TestMethod]
    [DataRow(TransportFault.NullContent, "empty")]
    [DataRow(TransportFault.Huge, "truncated")]
    public async Task A_reply_that_is_none_is_rejected_and_asked_for_again(TransportFault fault, string rule)
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        await using var server = await ScriptedServer
            .StartAsync(r => r.Ordinal == 1 ? TransportFaults.Make(fault, good.Answer(r), default, default) : good.Answer(r));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = 1 };
        Assert.IsNotNull((await Synthesis.RunAsync(client, options, Synthesis.Sentences(1)))[0].Example);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((3L, rule), (report.Requests, report.RejectedTexts.Keys.Single()));
    }

    [TestMethod]
    [DataRow(TransportFault.InvalidKey, "API key")]
    [DataRow(TransportFault.InsufficientQuota, "quota")]
    [DataRow(TransportFault.BadRequest, "does not take the request")]
    public async Task A_lasting_fault_stops_the_run_with_advice(TransportFault fault, string advice)
    {
        await using var server = await ScriptedServer
            .StartAsync(r => TransportFaults.Make(fault, ServerBehavior.Reply(""), default, default));
        using var client = ScriptedClient.Create(server.Endpoint);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(
            () => Synthesis.RunAsync(client, new() { MaxConcurrency = 4 }, Synthesis.Sentences(500)));
        Assert.AreEqual(SynthesisStopReason.ProviderRefuses, stopped.Reason);
        StringAssert.Contains(stopped.Message, advice);
        await server.IdleAsync();
        Assert.IsLessThanOrEqualTo(8, server.Requests);
    }

    [TestMethod]
    public async Task A_filtered_prompt_and_a_refusal_beside_the_content_reject_that_sentence_alone()
    {
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => r.LastUser.Contains("number 1 ", StringComparison.Ordinal)
            ? ServerBehavior.Status(400, "content_filter", "invalid_request_error", "The response was filtered.")
            : r.LastUser.Contains("number 2 ", StringComparison.Ordinal)
                ? ServerBehavior.WrongSchema(
                    """{"id":"c","model":"m","created":1,"object":"chat.completion","choices":[{"index":0,"message":"""
                + """{"role":"assistant","content":null,"refusal":"I will not."},"finish_reason":"stop"}]}""")
                : good.Answer(r));
        using var client = ScriptedClient.Create(server.Endpoint);
        var outcomes = await Synthesis.RunAsync(client, new(), Synthesis.Sentences(4));
        CollectionAssert.AreEqual(new[] { null, "positive: refused (http-400-content_filter: The response was filtered.)",
            "positive: filtered", null }, outcomes.Select(o => o.Why()).ToArray());
    }

    [TestMethod]
    public async Task A_sentence_too_long_for_a_local_servers_context_does_not_stop_the_others()
    {
        var good = new GoodAnswers();
        // llama.cpp's words; its code is a number.
        await using var server = await ScriptedServer.StartAsync(r => r.LastUser.Contains("number 1 ", StringComparison.Ordinal)
            ? ServerBehavior.Status(400, null, "exceed_context_size_error",
                "the request exceeds the available context size, try increasing it") : good.Answer(r));
        using var client = ScriptedClient.Create(server.Endpoint);
        var outcomes = await Synthesis.RunAsync(client, new(), Synthesis.Sentences(3));
        CollectionAssert.AreEqual(new[] { null,
            "positive: refused (http-400-exceed_context_size_error: the request exceeds the available context size, try increasing it)",
            null }, outcomes.Select(o => o.Why()).ToArray());
    }

    [TestMethod]
    public async Task A_server_that_is_not_there_is_told_in_one_error()
    {
        var server = await ScriptedServer.StartAsync(_ => ServerBehavior.Reply(""));
        var endpoint = server.Endpoint;
        await server.DisposeAsync();
        using var client = ScriptedClient.Create(endpoint);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis
            .RunAsync(client, new() { RetryDelay = TimeSpan.FromMilliseconds(5), MaxRetries = 2 }, Synthesis.Sentences(500)));
        Assert.AreEqual(SynthesisStopReason.ProviderDown, stopped.Reason);
        StringAssert.Contains(stopped.Message, "connection");
    }

    [TestMethod]
    [DataRow("tokens")]
    [DataRow("cost")]
    public async Task Limits_hold_by_the_servers_own_count(string what)
    {
        using var folder = new TemporaryFolder();
        var script = new FaultScript(3, new GoodAnswers().Answer)
        {
            TransportFaultShare = 0.2,
            Latency = TimeSpan.FromMilliseconds(5),
            TransportWeights = new Dictionary<TransportFault, double>
            {
                [TransportFault.ServerError] = 1,
                [TransportFault.HalfBody] = 1,
                [TransportFault.InvalidJson] = 1
            }
        };
        await using var server = await ScriptedServer.StartAsync(script.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var prices = new TokenPrices(2, 8);
        var options = Synthesis.Options(folder) with
        {
            MaxOutputTokens = 100,
            Prices = prices,
            MaxConcurrency = 16,
            Limits = what == "tokens" ? new() { MaxInputTokens = 60_000, MaxOutputTokens = 8_000 } : new() { MaxCost = 0.15m },
        };
        SynthesisEstimate estimate;
        await using (var synthesizer = new TripletSynthesizer(client, options)) estimate = await synthesizer
            .EstimateAsync(Synthesis.Sentences(400));
        var stopped = await Assert
            .ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(400)));
        Assert.AreEqual(SynthesisStopReason.LimitReached, stopped.Reason);
        await server.IdleAsync();
        // Half a body was paid for as well.
        long input = server.Log.Where(s => s.ReplyText is not null).Sum(s => (long)s.PromptTokens),
            output = server.Log.Where(s => s.ReplyText is not null).Sum(s => (long)s.CompletionTokens);
        var report = await Synthesis.ReportAsync(options);
        decimal cost = (2m * input + 8m * output) / 1_000_000m;
        TestContext.WriteLine($"{stopped.Message} Server counted {input} in, {output} out, cost {cost}; report {report.InputTokens} in, "
            + $"{report.OutputTokens} out, cost {report.Cost}, {report.Requests} requests.");
        TestContext.WriteLine($"Estimate of all 400: {estimate.Requests} requests, {estimate.InputTokens} in, {estimate.OutputTokens} "
            + $"out, cost {estimate.Cost}.");
        if (what == "tokens")
            Assert.IsTrue(input <= 60_000 && output <= 8_000 && report.InputTokens <= 60_000 && report.OutputTokens <= 8_000);
        else Assert.IsTrue(cost <= 0.15m && report.Cost <= 0.15m);
        Assert.IsGreaterThan(40, report.Requests);

        // Without the limit: what the estimate said, beside what was used.
        await Synthesis.RunAsync(client, options with { Limits = null }, Synthesis.Sentences(400));
        await server.IdleAsync();
        var all = server.Log.Where(s => s is { Kind: ServerBehaviorKind.Reply, Completed: true }).ToArray();
        TestContext.WriteLine($"Used by good replies: {all.Length} requests, {all.Sum(s => (long)s.PromptTokens)} in, "
            + $"{all.Sum(s => (long)s.CompletionTokens)} out.");
        Assert.IsInRange(0.7, 1.4, (double)estimate.InputTokens / all.Sum(s => (long)s.PromptTokens));
        Assert.IsInRange(0.5, 2, (double)estimate.OutputTokens / all.Sum(s => (long)s.CompletionTokens));
    }

    [TestMethod]
    public async Task A_key_is_found_nowhere()
    {
        const string Key = "plain words as a key 4711";                                            // nothing that looks like a key
        const string Other = "sk-live-ABCDEF0123456789abcdef0123456789";
        using var folder = new TemporaryFolder();
        Environment.SetEnvironmentVariable("SYNCSE_PLANTED_API_KEY", Key);
        ConcurrentQueue<string> seen = new();
        using var activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a
                =>
            {
                if (a.Source.Name == SynCseTelemetry.Name) seen
                    .Enqueue($"{a.DisplayName} {string.Join(' ', a.TagObjects)} {a.StatusDescription} "
                        + $"{string.Join(' ', a.Events.SelectMany(e => e.Tags))}");
            },
        };
        ActivitySource.AddActivityListener(activities);
        try
        {
            foreach (string? key in new[] { Key, Other })
            {
                // The server repeats the key it is sent: with 401 where it is wrong, and here also in a 500 where it is right.
                var good = new GoodAnswers();
                await using var server = await ScriptedServer.StartAsync(r => r.Ordinal == 2 ? ServerBehavior
                    .Status(500, null, "server_error", $"crashed while serving Authorization: Bearer {key}") : good.Answer(r), key);
                var options = Synthesis.Options(folder) with { Logger = new Recorder(seen), LogSentences = true };
                using (var client = ScriptedClient.Create(server.Endpoint, key)) seen
                    .Enqueue(string.Join('\n', Synthesis.Lines(await Synthesis.RunAsync(client, options, Synthesis.Sentences(5)))));
                seen.Enqueue((await Synthesis.ReportAsync(options)).ToString());
                await using var refusing = await ScriptedServer.StartAsync(good.Answer, "sk-another-key");
                using var wrong = ScriptedClient.Create(refusing.Endpoint, key);
                var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(
                    () => Synthesis.RunAsync(wrong, options, [.. Synthesis.Sentences(5), "One that is new"]));
                StringAssert.Contains(stopped.Message, "http-401");
                seen.Enqueue(stopped.ToString());
                seen.Enqueue(await File.ReadAllTextAsync(await ExportAsync(options, folder)));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("SYNCSE_PLANTED_API_KEY", null);
        }
        Assert.IsGreaterThan(10, seen.Count);
        Assert.IsTrue(seen.Any(s => s.Contains("http-500", StringComparison.Ordinal)));
        foreach (string? key in new[] { Key, Other, "ABCDEF0123456789" })
        {
            foreach (string text in seen) Assert.DoesNotContain(key, text);
            foreach (string file in Directory.GetFiles(folder.Root))
            {
                byte[] bytes = File.ReadAllBytes(file);
                Assert.IsLessThan(0, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(key)), file);
                Assert.IsLessThan(0, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(key)), file);
            }
        }
    }

    private static async Task<string> ExportAsync(TripletSynthesisOptions options, TemporaryFolder folder)
    {
        string file = folder.New("t.jsonl");
        await SynthesisJournal.ExportAsync(options.JournalPath!, file);
        return file;
    }

    private static string Text(IReadOnlyDictionary<string, long> counts) => string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"));

    private static List<(string Attempt, string Key, string State)> Attempts(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT attempt, hex(key), state FROM request ORDER BY row";
        using var reader = command.ExecuteReader();
        List<(string, string, string)> rows = [];
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return rows;
    }

    private sealed class Recorder(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
