using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>One request's refusal is not the run's: over HTTP, through OpenAI's real client.</summary>
[TestClass]
public sealed class RefusalTests
{
    private const string Good = """{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null"""
        + ""","code":"invalid_request_error"}}""";

    /// <summary>Refusals of ten providers: status, body, and the words that must reach the user.</summary>
    internal static readonly (int Status, string Body, string Words)[] Providers =
    [
        (400, """{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            "Content Exists Risk"),
        (400, """{"object":"error","message":"This model's maximum context length is 2048 tokens. However, you requested 2411 """
            + """tokens.","type":"BadRequestError","param":null,"code":400}""", "maximum context length"),
        (400, """{"error":{"message":"This model's maximum context length is 2048 tokens. However, your request has 2411 input """
            + """tokens.","type":"BadRequestError","param":null,"code":400}}""", "2411 input tokens"),
        (400, """{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy." """
            + ""","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}""", "Invalid prompt"),
        (400, """{"error":{"code":"data_inspection_failed","param":null"""
            + ""","message":"Input data may contain inappropriate content.","type":"data_inspection_failed"},"id":"c1" """
            + ""","request_id":"r1"}""", "inappropriate content"),
        (403, """{"error":{"message":"The model requires moderation and your input was flagged","code":403"""
            + ""","metadata":{"reasons":["violence"],"flagged_input":"not for the log","provider_name":"X"}}}""", "violence"),
        (422, """{"detail":[{"type":"string_too_long","loc":["body","messages",1,"content"]"""
            + ""","msg":"String should have at most 400 characters","input":"not for the log"}]}""", "at most 400 characters"),
        (422, """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2411" """
            + ""","error_type":"validation"}""", "must be <= 2048"),
        (413, """{"message":"Request Entity Too Large"}""", "Entity Too Large"),
        (400, """[{"error":{"code":400,"message":"The input token count exceeds the maximum.","status":"INVALID_ARGUMENT"}}]""",
            "input token count exceeds"),
    ];

    public static IEnumerable<object[]> Refusals => Enumerable.Range(0, Providers.Length).Select(i => new object[] { i });

    [TestMethod]
    [DynamicData(nameof(Refusals))]
    public async Task A_refused_sentence_is_rejected_with_the_providers_words_and_not_asked_again(int provider)
    {
        var (status, body, words) = Providers[provider];
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n == 7
            ? RefusedSentences.Body(status, body) : null).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder);
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        Assert.AreEqual(19, outcomes.Count(o => o.Example is not null));
        StringAssert.StartsWith(outcomes[7].Why(), $"positive: refused (http-{status}");
        StringAssert.Contains(outcomes[7].Why(), words);
        Assert.DoesNotContain("not for the log", outcomes[7].Why()!);
        Assert.AreEqual(3, outcomes[7].Attempts);
        var report = await Synthesis.ReportAsync(options);
        StringAssert.Contains(report.RejectedSentences.Keys.Single(), words);
        Assert.AreEqual((3L, 3L, 0), (report.RejectedTexts["refused"], report.RejectedRequests, report.FaultedRequests.Count));
        long asked = server.Requests;
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes),
            Synthesis.Lines(await Synthesis.RunAsync(client, options, Synthesis.Sentences(20))));
        Assert.AreEqual(asked, server.Requests);
        // With other options it is.
        await Synthesis.RunAsync(client, options with { Seed = 7 }, Synthesis.Sentences(20));
        Assert.IsGreaterThan(asked, server.Requests);
    }

    [TestMethod]
    public async Task The_last_sentence_may_be_the_refused_one()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n >= 18
            ? RefusedSentences.Body(400, Good) : null).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = 1 };
        Assert.AreEqual(18, (await Synthesis.RunAsync(client, options, Synthesis.Sentences(20))).Count(o => o.Example is not null));
        long asked = server.Requests;
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        Assert.AreEqual(asked, server.Requests);
    }

    [TestMethod]
    [DataRow("""{"error":{"message":"Failed to generate JSON. See 'failed_generation'.","type":"invalid_request_error" """
        + ""","code":"json_validate_failed","failed_generation":""}}""")]
    [DataRow("""{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed" """
        + ""","failed_generation":"<x>"}}""")]
    public async Task A_models_slip_that_comes_as_a_refusal_is_asked_again(string body)
    {
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n == 7
            ? RefusedSentences.Body(400, body) : null)
        { Times = 1 }.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        Assert.IsTrue((await Synthesis.RunAsync(client, new(), Synthesis.Sentences(20))).All(o => o.Example is not null));
        Assert.AreEqual(41, server.Requests);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(8)]
    [DataRow(64)]
    public async Task Where_every_request_is_refused_ten_are_sent_at_any_concurrency_and_nothing_counts_as_decided(int concurrency)
    {
        using var folder = new TemporaryFolder();
        bool mended = false;
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(_ => mended
            ? null : RefusedSentences.Body(400, Good)).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = concurrency };
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
                => Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(500))));
            Assert.AreEqual(SynthesisStopReason.ProviderRefuses, stopped.Reason);
            StringAssert.Contains(stopped.Message, "Content Exists Risk");
            StringAssert.Contains((await synthesizer.GetReportAsync()).StoppedBecause, "Content Exists Risk");
            Assert.AreEqual(10, server.Requests);
            mended = true;
            Assert.IsTrue((await Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(500))))
                .All(o => o.Example is not null));
        }
        Assert.AreEqual(10 + 1000, server.Requests);
        Assert.IsEmpty((await Synthesis.ReportAsync(options)).RejectedSentences);
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 8)]
    public async Task A_small_run_in_which_everything_is_refused_ends_with_the_providers_words_too(int count, int concurrency)
    {
        using var folder = new TemporaryFolder();
        bool mended = false;
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(_ => mended
            ? null : RefusedSentences.Body(400, Good)).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = concurrency };
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(count)));
        StringAssert.Contains(stopped.Message, "Content Exists Risk");
        mended = true;
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(count))).All(o => o.Example is not null));
    }

    [TestMethod]
    public async Task Refusals_that_come_before_the_first_slow_reply_stop_nothing()
    {
        // Of the first 64 sentences two are good; refusals come at once, replies late.
        var script = new RefusedSentences(n => n % 5 == 1
            ? RefusedSentences.Body(400, Good) : null)
        { Latency = TimeSpan.FromMilliseconds(300) };
        await using var server = await ScriptedServer.StartAsync(script.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var outcomes = await Synthesis.RunAsync(client, new() { MaxConcurrency = 64 }, Synthesis.Sentences(200));
        Assert.AreEqual(160, outcomes.Count(o => o.Example is not null));
        Assert.IsGreaterThan(32, server.MaxConcurrent);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(8)]
    public async Task Many_neighbours_that_are_refused_stop_nothing_because_an_answered_request_is_asked_again(int concurrency)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n is >= 30 and < 90
            ? RefusedSentences.Body(403, Good) : null).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = concurrency };
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(120));
        Assert.AreEqual(60, outcomes.Count(o => o.Example is not null));
        // 60 good ones, 60 refused three times each, and the probes: after 10, 20, 40, 80 refusals in a row.
        Assert.IsInRange(120 + 180 + 1, 120 + 180 + 4, (int)server.Requests);
        long asked = server.Requests;
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(120));
        Assert.AreEqual(asked, server.Requests);
    }

    [TestMethod]
    public async Task Replies_in_the_journal_show_that_a_later_runs_refusals_are_their_sentences_own()
    {
        using var folder = new TemporaryFolder();
        var script = new RefusedSentences(n => n >= 20 ? RefusedSentences.Body(400, Good) : null);
        await using var server = await ScriptedServer.StartAsync(script.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = 4 };
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(50));
        Assert.AreEqual((20, 30),
            (outcomes.Count(o => o.Example is not null),
            outcomes.Count(o => o.Why()?.Contains("Content Exists Risk", StringComparison.Ordinal) == true)));
        long asked = server.Requests;
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(50));
        Assert.AreEqual(asked, server.Requests);
    }

    [TestMethod]
    public async Task A_key_that_is_withdrawn_on_the_way_stops_a_later_run_as_well_and_its_sentences_are_asked_again()
    {
        using var folder = new TemporaryFolder();
        bool withdrawn = false;
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => withdrawn
            ? RefusedSentences.Body(403, """{"error":{"message":"This key may not use the model"}}""") : good.Answer(r));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder);
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        withdrawn = true;
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(200)));
        StringAssert.Contains(stopped.Message, "This key may not use the model");
        StringAssert.Contains(stopped.Message, "API key");
        // Ten, and one that was answered before.
        Assert.AreEqual(40 + 11, server.Requests);
        withdrawn = false;
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(200))).All(o => o.Example is not null));
    }

    [TestMethod]
    public async Task A_refused_group_is_asked_for_singly_and_its_neighbours_do_not_suffer()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n == 7
            ? RefusedSentences.Body(400, Good) : null).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { SentencesPerRequest = 5 };
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        Assert.AreEqual(19, outcomes.Count(o => o.Example is not null));
        StringAssert.Contains(outcomes[7].Why(), "Content Exists Risk");
        long asked = server.Requests;
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes),
            Synthesis.Lines(await Synthesis.RunAsync(client, options, Synthesis.Sentences(20))));
        Assert.AreEqual(asked, server.Requests);
    }

    [TestMethod]
    public async Task A_judge_that_refuses_a_pair_rejects_it_and_one_that_refuses_all_stops_the_run()
    {
        await using var judges = await ScriptedServer.StartAsync(new RefusedSentences(n => n == 7
            ? RefusedSentences.Body(400, Good) : null).Decide);
        await using var writers = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        using var judge = ScriptedClient.Create(judges.Endpoint);
        using var client = ScriptedClient.Create(writers.Endpoint);
        var options = new TripletSynthesisOptions
        {
            PairChecks = [new JudgeCheck(judge, leastPositive: 0, mostNegative: 5, gap: 0)],
            MaxAttempts = 2
        };
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(20));
        StringAssert.Contains(outcomes[7].Why(), "positive: pair-judge (http-400-invalid_request_error: Content Exists Risk)");
        Assert.IsGreaterThan(10, outcomes.Count(o => o.Example is not null));

        await using var none = await ScriptedServer.StartAsync(_ => RefusedSentences.Body(400, Good));
        using var refusing = ScriptedClient.Create(none.Endpoint);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options with { PairChecks = [new JudgeCheck(refusing)] }, Synthesis.Sentences(200)));
        StringAssert.Contains(stopped.Message, "Content Exists Risk");
        Assert.AreEqual(10, none.Requests);
    }

    [TestMethod]
    public async Task A_refused_list_is_left_out_and_not_asked_for_again()
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        int lists = 0;
        await using var server = await ScriptedServer.StartAsync(r => r.UserJson().TryGetProperty("count", out _)
            && Interlocked.Increment(ref lists) == 2 ? RefusedSentences.Body(400, Good) : good.Answer(r));
        using var client = ScriptedClient.Create(server.Endpoint);
        await using var synthesizer = new TripletSynthesizer(client, Synthesis.Options(folder));
        Assert.AreEqual(60, (await Synthesis.CollectAsync(synthesizer.SynthesizeFromScratchAsync(60))).Count(o => o.Example is not null));
        long asked = server.Requests;
        await Synthesis.CollectAsync(synthesizer.SynthesizeFromScratchAsync(60));
        Assert.AreEqual(asked, server.Requests);
    }

    [TestMethod]
    public async Task Copies_of_a_refused_sentence_are_not_asked_for()
    {
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n == 3
            ? RefusedSentences.Body(400, Good) : null).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        string[] sentences = [.. Synthesis.Sentences(10), .. Enumerable.Repeat(Synthesis.Sentences(4)[3], 30)];
        var outcomes = await Synthesis.RunAsync(client, new(), sentences);
        Assert.AreEqual(31, outcomes.Count(o => o.Why() is not null));
        Assert.AreEqual(18 + 3, server.Requests);
    }

    [TestMethod]
    public async Task One_row_of_a_transformer_that_is_refused_says_so_in_the_providers_words()
    {
        await using var server = await ScriptedServer.StartAsync(_ => RefusedSentences.Body(400, Good));
        using var client = ScriptedClient.Create(server.Endpoint);
        var ml = new MLContext();
        var view = ml.Data.LoadFromEnumerable(new[] { new Row { Text = "Order number 1 came late" },
            new Row { Text = "Order number 2 came late" } });
        using var model = (IDisposable)ml.Transforms.SynthesizeTriplets("Positive", "Negative", "Text", client).Fit(view);
        var read = ((ITransformer)model).Transform(view).GetColumn<string>("Positive");
        StringAssert.Contains(Assert.ThrowsExactly<SynthesisStoppedException>(() => _ = read.Count()).Message, "Content Exists Risk");
        using var engine = ml.Model.CreatePredictionEngine<Row,
            Written>((ITransformer)model, new PredictionEngineOptions { OwnsTransformer = false });
        StringAssert.Contains(Assert.ThrowsExactly<SynthesisStoppedException>(()
            => engine.Predict(new Row { Text = "Order number 3 came late" })).Message, "Content Exists Risk");
    }

    [TestMethod]
    public async Task Of_2000_sentences_5_percent_always_refused_by_ten_providers_the_rest_is_accepted_and_a_resumed_run_asks_nothing()
    {
        using var folder = new TemporaryFolder();
        var script = new RefusedSentences(n => n % 20 == 7
            ? RefusedSentences.Body(Providers[n / 20 % 10].Status, Providers[n / 20 % 10].Body) : null);
        await using var server = await ScriptedServer.StartAsync(script.Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = 64 };
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(2000));
        TestContext.WriteLine($"{outcomes.Count(o => o.Example is not null)} accepted, {outcomes.Count(o => o.Example is null)} rejected, "
            + $"{server.Requests} requests, {clock.Elapsed.TotalSeconds:f1} s");
        for (int i = 0; i < 2000; i++)
        {
            if (i % 20 == 7) StringAssert.Contains(outcomes[i].Why(), Providers[i / 20 % 10].Words);
            else Assert.IsNotNull(outcomes[i].Example, outcomes[i].Why());
        }
        var report = await Synthesis.ReportAsync(options);
        foreach (var (reason, count) in report.RejectedSentences) TestContext.WriteLine($"{count} {reason}");
        Assert.AreEqual((1900L, 100L, 300L), (report.Accepted, report.RejectedSentences.Values.Sum(), report.RejectedTexts["refused"]));
        long asked = server.Requests;
        Assert.AreEqual(3800 + 300, asked);
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes),
            Synthesis.Lines(await Synthesis.RunAsync(client, options, Synthesis.Sentences(2000))));
        Assert.AreEqual(asked, server.Requests);
    }

    public TestContext TestContext { get; set; } = null!;

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Written
    {
        public string Positive { get; set; } = "";
    }
}
