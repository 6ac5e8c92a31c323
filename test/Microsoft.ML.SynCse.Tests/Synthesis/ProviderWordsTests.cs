using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A provider's own words and codes, wherever a body has them.</summary>
[TestClass]
public sealed class ProviderWordsTests
{
    [TestMethod]
    [DataRow("""{"error":{"message":"a","type":"t","code":"c"}}""", null, "c", "a")]
    [DataRow("""{"error":{"message":"a","type":"t","code":429}}""", 429, "t", "a")]
    [DataRow("""{"error":{"message":"a","code":"402"}}""", 402, null, "a")]
    [DataRow("""{"object":"error","message":"a","type":"BadRequestError","code":400}""", 400, "BadRequestError", "a")]
    [DataRow("""{"Message":"a"}""", null, null, "a")]
    [DataRow("""{"detail":"a"}""", null, null, "a")]
    [DataRow("""{"detail":[{"loc":["body","n"],"msg":"a","type":"v"},{"loc":["body","m",0],"msg":"b"}]}""", null, null,
        "body.n: a; body.m.0: b")]
    [DataRow("""{"object":"error","message":{"detail":[{"loc":["body"],"msg":"a"}]},"type":"invalid_request_error"}""", null,
        "invalid_request_error", "body: a")]
    [DataRow("""{"error":"a"}""", null, null, "a")]
    [DataRow("""{"error":"a","error_type":"validation"}""", null, "validation", "a")]
    [DataRow("""{"error":"invalid_client","error_description":"a"}""", null, "invalid_client", "a")]
    [DataRow("""{"success":false,"errors":[{"code":7003,"message":"a"}]}""", null, "7003", "a")]
    [DataRow("""{"title":"a","status":422,"errors":{"Model":["b"]}}""", 422, null, "a")]
    [DataRow("""{"error":{"message":"a","code":502,"metadata":{"raw":"{\"error\":{\"message\":\"b\"}}"}}}""", 502, null, "a: b")]
    [DataRow("""{"error":{"message":"a","code":400,"metadata":{"raw":"b"}}}""", 400, null, "a: b")]
    [DataRow("""{"error":{"message":"a","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", null,
        "content_filter", "a")]
    [DataRow("""[{"error":{"code":400,"message":"a","status":"INVALID_ARGUMENT","details":[{"@type":"x","reason":"API_KEY_INVALID"}]}}]""",
        400, "API_KEY_INVALID", "a")]
    [DataRow("""data: {"error":{"message":"a"}}""", null, null, "a")]
    [DataRow("""{"error_code":336003,"error_msg":"a"}""", null, "336003", "a")]
    [DataRow("""{"type":"error","error":{"type":"overloaded_error","message":"a"}}""", null, "overloaded_error", "a")]
    [DataRow("plain words", null, null, "plain words")]
    public void A_body_is_read_in_every_form(string body, int? status, string? code, string words)
    {
        var said = ProviderError.Read(body)!;
        Assert.AreEqual((status, code, words), (said.Status, said.Code, said.Message));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("<html><body>502</body></html>")]
    [DataRow("{")]
    [DataRow("\"\\ud800\"")]
    public void What_says_nothing_is_no_error(string body)
        => Assert.IsNull(ProviderError.Read(body)?.Message is { } words && words != body ? words : null);

    [TestMethod]
    [DataRow("""{"choices":[{"message":{"content":"x"}}],"error":null}""")]
    [DataRow("""{"choices":[]}""")]
    [DataRow("{}")]
    [DataRow("""{"id":"c","message":{"content":"x"},"done":true}""")]
    public void A_reply_is_no_error(string body) => Assert.IsNull(ProviderError.ReadWithinSuccess(body));

    [TestMethod]
    [DataRow("""{"error":{"message":"Insufficient credits","code":402}}""", "http-402", "Insufficient credits")]
    [DataRow("""{"error":{"message":"No credits left","type":"insufficient_credits"}}""", "http-402", "No credits left")]
    [DataRow("""{"error":{"message":"User not found.","code":401}}""", "http-401", "User not found")]
    [DataRow("""{"id":"c","choices":[{"index":0,"finish_reason":"error","message":{"role":"assistant","content":""}"""
        + ""","error":{"code":402,"message":"Key limit exceeded"}}]}""", "http-402", "Key limit exceeded")]
    [DataRow("""{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", "http-400", "insufficient balance")]
    public async Task An_error_under_status_200_is_what_it_says(string body, string name, string words)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(_ => ServerBehavior.WrongSchema(body));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(4)));
        Assert.AreEqual(SynthesisStopReason.ProviderRefuses, stopped.Reason);
        StringAssert.Contains(stopped.Message, name);
        StringAssert.Contains(stopped.Message, words);
        var report = await Synthesis.ReportAsync(options);
        Assert.IsLessThanOrEqualTo(10, report.Requests);
        if (name != "http-400") Assert.IsLessThanOrEqualTo(4, report.Requests);
        Assert.AreEqual((0L, 0L), (report.InputTokens, report.OutputTokens));
    }

    [TestMethod]
    public async Task A_passing_error_under_status_200_is_got_over()
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => r.Ordinal switch
        {
            1 => ServerBehavior.WrongSchema("""{"error":{"message":"Provider returned error","code":502}}"""),
            2 => ServerBehavior.WrongSchema("""{"error":{"message":"slow down","code":429}}"""),
            _ => good.Answer(r),
        });
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxConcurrency = 1 };
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(3))).All(o => o.Example is not null));
        CollectionAssert.AreEqual(new[] { "http-429", "http-502" }, (await Synthesis.ReportAsync(options)).FaultedRequests.Keys.ToArray());
    }

    [TestMethod]
    public async Task What_a_provider_says_while_it_is_down_is_in_outcome_and_exception()
    {
        await using var server = await ScriptedServer.StartAsync(new RefusedSentences(n => n == 2
            ? RefusedSentences.Body(503, """{"error":{"message":"The engine is overloaded"}}""") : null).Decide);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = new TripletSynthesisOptions { MaxRetries = 1, RetryDelay = TimeSpan.FromMilliseconds(1) };
        Assert.AreEqual("fault: http-503 (The engine is overloaded)",
            (await Synthesis.RunAsync(client, options, Synthesis.Sentences(4)))[2].Why());
        await using var down = await ScriptedServer.StartAsync(_
            => RefusedSentences.Body(503, """{"error":{"message":"Bearer sk-abcdefgh12 in maintenance"}}"""));
        using var other = ScriptedClient.Create(down.Endpoint);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(other, options, Synthesis.Sentences(100)));
        StringAssert.Contains(stopped.Message, "in maintenance");
        Assert.DoesNotContain("abcdefgh12", stopped.ToString());
    }

    [TestMethod]
    [DataRow("\"eos\"")]
    [DataRow("\"\"")]
    [DataRow("null")]
    [DataRow("\"stop_sequence\"")]
    [DataRow("\"eos_token\"")]
    [DataRow("\"end_turn\"")]
    public async Task A_finish_reason_that_the_client_does_not_know_is_read(string finish)
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(r => ServerBehavior.WrongSchema(Completion(good.Answer(r).Text!, finish)));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder);
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(5))).All(o => o.Example is not null));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((10L, 70L, 20L, 0L), (report.Requests, report.InputTokens, report.OutputTokens, report.RequestsWithoutUsage));
    }

    [TestMethod]
    public async Task A_finish_reason_for_a_cut_reply_that_the_client_does_not_know_counts_as_cut()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(_
            => ServerBehavior.WrongSchema(Completion("""{"sentence":"The parcel""", "\"max_tokens\"")));
        using var client = ScriptedClient.Create(server.Endpoint);
        Assert.AreEqual("positive: truncated",
            (await Synthesis.RunAsync(client, Synthesis.Options(folder), Synthesis.Sentences(1)))[0].Why());
    }

    [TestMethod]
    public async Task Where_the_reply_is_lost_with_its_finish_reason_the_sentence_is_rejected_without_repetitions()
    {
        var client = new FakeChatClient((request, _) => request.Sentence!.Contains("number 2 ", StringComparison.Ordinal)
            ? throw new ArgumentOutOfRangeException("value", "eos", "Unknown ChatFinishReason value.")
                : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        var outcomes = await Synthesis.RunAsync(client, new() { MaxAttempts = 1 }, Synthesis.Sentences(4));
        StringAssert.Contains(outcomes[2].Why(), "finish_reason 'eos'");
        Assert.AreEqual(6 + 1, client.Calls);
    }

    [TestMethod]
    public async Task Words_of_a_client_over_HttpClient_that_keeps_them_from_its_exception_are_read()
    {
        await using var server = await ScriptedServer.StartAsync(_
            => RefusedSentences.Body(402, """{"error":"your balance is used up"}"""));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", ScriptedServer.DefaultKey);
        var client = new FakeChatClient(async (request, token) =>
        {
            using var response = await http.PostAsync(new Uri(server.Endpoint + "/chat/completions"),
                new StringContent("""{"messages":[]}"""), token);
            response.EnsureSuccessStatusCode();
            throw new InvalidOperationException("not reached");
        });
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, new(), Synthesis.Sentences(4)));
        StringAssert.Contains(stopped.Message, "your balance is used up");
        // Other requests of the process are not looked at, and none carries anything more.
        using var other = await http.PostAsync(new Uri(server.Endpoint + "/chat/completions"), new StringContent("""{"messages":[]}"""));
        Assert.AreEqual("System.Net.Http.HttpConnectionResponseContent", other.Content.GetType().FullName);
    }

    [TestMethod]
    public void Exceptions_of_Azures_clients_are_read_like_the_others()
    {
        var busy = FaultClassifier.Classify(new Azure.RequestFailedException(new AzureResponse(429,
            """{"error":{"code":"TooManyRequests","message":"Slow down"}}""", ("Retry-After", "7"))));
        Assert.AreEqual((SynthesisFaultKind.Throttled, "http-429", TimeSpan.FromSeconds(7), "Slow down", false),
            (busy.Kind, busy.Name, busy.RetryAfter, busy.Message, busy.MayBeBilled));
        var filtered = FaultClassifier.Classify(new Azure.RequestFailedException(new AzureResponse(400,
            """{"error":{"code":"content_filter","message":"The response was filtered"}}""")));
        Assert.AreEqual((SynthesisFaultKind.Refused, "http-400-content_filter", "The response was filtered"),
            (filtered.Kind, filtered.Name, filtered.Message));
        var key = FaultClassifier.Classify(new Azure.RequestFailedException(401, "no", "Unauthorized", null));
        Assert.AreEqual((SynthesisFaultKind.Permanent, "http-401-Unauthorized"), (key.Kind, key.Name));
        Assert.AreEqual(SynthesisFaultKind.Transient, FaultClassifier.Classify(new Azure.RequestFailedException(503, "no")).Kind);
        var nowhere = FaultClassifier.Classify(new Azure.RequestFailedException(0, "no", null,
            new HttpRequestException(HttpRequestError.NameResolutionError, "no host")));
        Assert.AreEqual((SynthesisFaultKind.Transient, "connection", false), (nowhere.Kind, nowhere.Name, nowhere.MayBeBilled));
        var busyLogin = FaultClassifier.Classify(new Azure.Identity.AuthenticationFailedException("busy",
            new Azure.RequestFailedException(429, "busy")));
        Assert.AreEqual((SynthesisFaultKind.Throttled, false), (busyLogin.Kind, busyLogin.MayBeBilled));
    }

    [TestMethod]
    public async Task A_failed_login_stops_the_run_and_books_nothing()
    {
        using var folder = new TemporaryFolder();
        var client = new FakeChatClient((_, _)
            => throw new Azure.Identity.CredentialUnavailableException("DefaultAzureCredential failed to retrieve a token"));
        var options = Synthesis.Options(folder);
        var stopped = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(100)));
        Assert.AreEqual(SynthesisStopReason.ProviderRefuses, stopped.Reason);
        StringAssert.Contains(stopped.Message, "failed to retrieve a token");
        Assert.IsLessThanOrEqualTo(options.MaxConcurrency, client.Calls);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((0L, 0L), (report.InputTokens, report.OutputTokens));
    }

    [TestMethod]
    public async Task A_rate_limit_of_Azures_own_client_is_waited_out()
    {
        var client = new FakeChatClient((request, _) => request.Number < 4
            ? throw new Azure.RequestFailedException(new AzureResponse(429, "{}", ("retry-after-ms", "30")))
                : Task.FromResult(FakeChatClient.Reply(request.GoodAnswer())));
        Assert.IsTrue((await Synthesis.RunAsync(client, new() { MaxRetries = 0, RetryDelay = TimeSpan.FromMilliseconds(1) },
            Synthesis.Sentences(20))).All(o => o.Example is not null));
    }

    internal static string Completion(string text, string finish) => $$"""
        {"id":"c","object":"chat.completion","created":1,"model":"m",
        "choices":[{"index":0,"message":{"role":"assistant","content":{{System.Text.Json.JsonSerializer.Serialize(text)}} },
        "finish_reason":{{finish}} }],
        "usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9} }
        """;
}
