using System.ClientModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// What the real OpenAI client makes of what a server does. The library's classifier of faults is built on these shapes:
/// if a new version of the client breaks a test here, look there.
/// </summary>
[TestClass]
public sealed class ScriptedServerTests : ConversationTests
{
    [TestMethod]
    [DataRow(307)]
    [DataRow(400)]
    [DataRow(403)]
    [DataRow(404)]
    [DataRow(408)]
    [DataRow(409)]
    [DataRow(413)]
    [DataRow(422)]
    [DataRow(429)]
    [DataRow(500)]
    [DataRow(502)]
    [DataRow(503)]
    [DataRow(504)]
    [DataRow(529)]
    public async Task A_status_is_a_client_result_exception_with_the_status_the_body_and_a_message_of_both(int status)
    {
        Next = ServerBehavior.Status(status, "some_code", "some_type", "Some message.", ("Location", "http://127.0.0.1:1/"));
        var error = await Fails<ClientResultException>();
        Assert.AreEqual(status, error.Status);
        Assert.AreEqual($"HTTP {status} (some_type: some_code)\n\nSome message.", error.Message.ReplaceLineEndings("\n"));
        Assert.AreEqual("some_code", ErrorOf(error).GetProperty("code").GetString());
        Assert.IsNull(error.InnerException);
    }

    [TestMethod]
    [DataRow("Retry-After", "7")]
    [DataRow("Retry-After", "Wed, 21 Oct 2037 07:28:00 GMT")]
    [DataRow("retry-after-ms", "250")]
    public async Task How_long_to_wait_stands_in_the_raw_response_whatever_the_case_of_its_name(string name, string value)
    {
        Next = ServerBehavior.RateLimited((name, value));
        var error = await Fails<ClientResultException>();
        Assert.AreEqual(429, error.Status);
        Assert.IsTrue(error.GetRawResponse()!.Headers.TryGetValue(name.ToUpperInvariant(), out string? found));
        Assert.AreEqual(value, found);
    }

    [TestMethod]
    public async Task Want_of_money_has_the_status_of_a_rate_limit_and_differs_by_the_code_in_the_body()
    {
        Next = ServerBehavior.InsufficientQuota();
        var error = await Fails<ClientResultException>();
        Assert.AreEqual(429, error.Status);
        Assert.AreEqual("insufficient_quota", ErrorOf(error).GetProperty("code").GetString());
        Next = ServerBehavior.RateLimited();
        Assert.AreEqual("rate_limit_exceeded", ErrorOf(await Fails<ClientResultException>()).GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task A_wrong_key_is_status_401_whose_message_and_body_tell_the_key()
    {
        using var client = ScriptedClient.Create(Server.Endpoint, "sk-very-secret");
        var error = await Fails<ClientResultException>(client);
        Assert.AreEqual(401, error.Status);
        StringAssert.Contains(error.Message, "Bearer sk-very-secret");
        StringAssert.Contains(error.GetRawResponse()!.Content.ToString(), "Bearer sk-very-secret");
        await Server.IdleAsync();
        Assert.AreEqual(ServerBehaviorKind.Unauthorized, Server.Log.Single().Kind);
    }

    [TestMethod]
    public async Task Another_path_is_status_404()
    {
        using var client = ScriptedClient.Create(new(Server.Endpoint, "/v2"));
        Assert.AreEqual(404, (await Fails<ClientResultException>(client)).Status);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "on a connection that was used before")]
    [DataRow(false, DisplayName = "on a new connection")]
    public async Task A_reset_is_a_client_result_exception_of_status_0_without_a_response_and_is_not_sent_again(bool used)
    {
        if (used) await Ask();
        long before = Server.Requests;
        Next = ServerBehavior.Reset();
        var error = await Fails<ClientResultException>();
        Assert.AreEqual(0, error.Status);
        Assert.IsNull(error.GetRawResponse());
        Assert.IsInstanceOfType<HttpRequestException>(error.InnerException);
        Assert.IsInstanceOfType<IOException>(error.InnerException.InnerException);
        Assert.AreEqual(SocketError.ConnectionReset, ((SocketException)error.GetBaseException()).SocketErrorCode);
        Assert.AreEqual(before + 1, Server.Requests);
    }

    [TestMethod]
    public async Task A_refused_connection_is_a_client_result_exception_of_status_0_about_a_connection_error()
    {
        await Server.DisposeAsync();
        var error = await Fails<ClientResultException>();
        Assert.AreEqual(0, error.Status);
        Assert.AreEqual(HttpRequestError.ConnectionError, ((HttpRequestException)error.InnerException!).HttpRequestError);
        Assert.AreEqual(SocketError.ConnectionRefused, ((SocketException)error.GetBaseException()).SocketErrorCode);
    }

    [TestMethod]
    public async Task Half_a_body_is_a_bare_http_io_exception()
    {
        Next = ServerBehavior.HalfBody("hi");
        var error = await Fails<HttpIOException>();
        Assert.AreEqual(HttpRequestError.ResponseEnded, error.HttpRequestError);
        Assert.IsNull(error.InnerException);
    }

    [TestMethod]
    // Windows drops what was received before a reset, so there it may look like a reset before any byte.
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task Half_a_body_and_a_reset_is_a_bare_io_exception_of_a_socket()
    {
        Next = ServerBehavior.HalfBody("hi", endsWithReset: true);
        Assert.AreEqual(SocketError.ConnectionReset, ((SocketException)(await Fails<IOException>()).InnerException!).SocketErrorCode);
    }

    [TestMethod]
    public async Task A_web_page_of_status_200_is_a_bare_json_exception()
    {
        Next = ServerBehavior.Html();
        StringAssert.Contains((await FailsAs<JsonException>()).Message, "'<' is an invalid start of a value");
    }

    [TestMethod]
    public async Task A_web_page_of_status_502_is_a_client_result_exception_whose_message_does_not_quote_it()
    {
        Next = ServerBehavior.Html(502);
        var error = await Fails<ClientResultException>();
        Assert.AreEqual(502, error.Status);
        Assert.AreEqual("Service request failed.\nStatus: 502 (Bad Gateway)\n", error.Message.ReplaceLineEndings("\n"));
        StringAssert.Contains(error.GetRawResponse()!.Content.ToString(), "<html>");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("""{"id":"chatcmpl-1","choices":[{"index":0,""")]
    public async Task Broken_json_is_a_bare_json_exception(string body)
    {
        Next = ServerBehavior.InvalidJson(body);
        await FailsAs<JsonException>();
    }

    [TestMethod]
    [DataRow("{}", typeof(ArgumentOutOfRangeException))]
    [DataRow("""{"error":{"message":"overloaded"}}""", typeof(ArgumentOutOfRangeException))]
    [DataRow("""{"choices":[]}""", typeof(ArgumentOutOfRangeException))]
    [DataRow("""{"choices":null}""", typeof(InvalidOperationException))]
    [DataRow("""{"choices":{}}""", typeof(InvalidOperationException))]
    [DataRow("[]", typeof(InvalidOperationException))]
    [DataRow("42", typeof(InvalidOperationException))]
    [DataRow("null", typeof(ArgumentNullException))]
    [DataRow("""{"choices":[{"index":0}]}""", typeof(NullReferenceException))]
    [DataRow("""{"choices":[{"index":0,"message":null,"finish_reason":"stop"}]}""", typeof(NullReferenceException))]
    [DataRow("""{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":null}]}""",
        typeof(ArgumentOutOfRangeException))]
    [DataRow("""{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"odd"}]}""",
        typeof(ArgumentOutOfRangeException))]
    public async Task Json_that_is_no_chat_completion_is_whatever_the_client_stumbles_over(string body, Type expected)
    {
        Next = ServerBehavior.WrongSchema(body);
        Assert.AreEqual(expected, (await FailsAs<Exception>()).GetType());
    }

    [TestMethod]
    [DataRow(false, DisplayName = "hang")]
    [DataRow(true, DisplayName = "slow drip")]
    public async Task Cancelling_gives_a_task_canceled_exception_with_the_callers_token_and_an_attempt_that_was_not_completed(bool drip)
    {
        Next = Endless(drip);
        using var source = new CancellationTokenSource();
        var asking = Client.GetResponseAsync("hello", cancellationToken: source.Token);
        while (Server.InFlight == 0) await Task.Delay(1, Cancelled);
        await source.CancelAsync();
        var error = await Assert.ThrowsExactlyAsync<TaskCanceledException>(() => asking);
        Assert.AreEqual(source.Token, error.CancellationToken);
        await Server.IdleAsync();
        Assert.AreEqual((1L, false), (Server.Requests, Server.Log.Single().Completed));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "hang")]
    [DataRow(true, DisplayName = "slow drip")]
    public async Task The_clients_own_timeout_is_a_task_canceled_exception_too_but_not_of_the_callers_token(bool drip)
    {
        Next = Endless(drip);
        using var client = ScriptedClient.Create(Server.Endpoint, networkTimeout: TimeSpan.FromMilliseconds(200));
        using var source = new CancellationTokenSource();
        var error = await Assert.ThrowsExactlyAsync<TaskCanceledException>(
            () => client.GetResponseAsync("hello", cancellationToken: source.Token));
        Assert.AreNotEqual(source.Token, error.CancellationToken);
        StringAssert.Contains(error.Message, "exceeded the configured timeout");
        for (Exception? inner = error; inner is not null; inner = inner.InnerException) Assert.IsNotInstanceOfType<TimeoutException>(inner);
        await Server.IdleAsync();
        // On a machine under load the time may be up before the request is sent.
        Assert.IsFalse(Server.Log.Any(a => a.Completed));
    }

    [TestMethod]
    public async Task A_client_that_repeats_requests_itself_ends_in_an_aggregate_exception_after_resets()
    {
        using var client = ScriptedClient.Create(Server.Endpoint, retries: 1);
        Next = ServerBehavior.Reset();
        var error = await Fails<AggregateException>(client);
        Assert.AreEqual((2, 2L), (error.InnerExceptions.Count, Server.Requests));
        Assert.IsTrue(error.InnerExceptions.All(e => e is ClientResultException { Status: 0 }));
    }

    [TestMethod]
    public async Task A_script_that_throws_is_status_500_and_kept()
    {
        await using var server = await ScriptedServer.StartAsync(_ => throw new InvalidDataException("no idea"));
        using var client = ScriptedClient.Create(server.Endpoint);
        Assert.AreEqual(500, (await Fails<ClientResultException>(client)).Status);
        Assert.AreEqual("no idea", server.ScriptErrors.Single().Message);
    }

    [TestMethod]
    public async Task Stopping_ends_requests_that_would_hang()
    {
        Next = ServerBehavior.Hang();
        var asking = Ask();
        while (Server.InFlight == 0) await Task.Delay(1, Cancelled);
        await Server.DisposeAsync();
        await Assert.ThrowsExactlyAsync<ClientResultException>(() => asking);
    }

    [TestMethod]
    public async Task Two_thousand_requests_at_once_by_64_are_all_logged()
    {
        const int Requests = 2000;
        const int Concurrency = 64;
        Next = ServerBehavior.Reply("hi", usage: new(2, 1)) with { Latency = TimeSpan.FromMilliseconds(20) };
        int sent = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(async _ =>
        {
            while (Interlocked.Increment(ref sent) <= Requests) await Ask();
        }));
        var elapsed = clock.Elapsed;
        await Server.IdleAsync();
        double rate = Requests / elapsed.TotalSeconds;
        TestContext.WriteLine($"{rate:F0} requests/s, {Server.MaxConcurrent} at most and {Server.MeanConcurrent:F1} on average under way.");
        Assert.AreEqual(Requests, Server.Requests);
        Assert.AreEqual(Requests,
            Server.Log.Count(a => a.Completed && a is { Kind: ServerBehaviorKind.Reply, PromptTokens: 2, CompletionTokens: 1 }));
        Assert.HasCount(Requests, Server.Log.Select(a => a.Ordinal).Distinct());
        Assert.IsInRange(2, Concurrency, Server.MaxConcurrent);
        Assert.IsInRange(1.0, Server.MaxConcurrent, Server.MeanConcurrent);
    }

    private static ServerBehavior Endless(bool drip) => drip ? ServerBehavior.SlowDrip("hi", TimeSpan.FromHours(1)) : ServerBehavior.Hang();

    private static JsonElement ErrorOf(ClientResultException error)
        => JsonElement.Parse(error.GetRawResponse()!.Content.ToString()).GetProperty("error");
}
