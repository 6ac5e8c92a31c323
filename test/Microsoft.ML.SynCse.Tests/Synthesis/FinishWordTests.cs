using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Which words of providers and servers end a reply well, and what becomes of the others.</summary>
[TestClass]
public sealed class FinishWordTests
{
    [TestMethod]
    [DataRow(null, nameof(FinishKind.Ended))]
    [DataRow(" ", nameof(FinishKind.Ended))]
    [DataRow("stop", nameof(FinishKind.Ended))]
    [DataRow("STOP", nameof(FinishKind.Ended))]
    [DataRow("eos", nameof(FinishKind.Ended))]
    [DataRow("eos_token", nameof(FinishKind.Ended))]
    [DataRow("eosFound", nameof(FinishKind.Ended))]
    [DataRow("end_turn", nameof(FinishKind.Ended))]
    [DataRow("end-of-text", nameof(FinishKind.Ended))]
    [DataRow("stop_sequence", nameof(FinishKind.Ended))]
    [DataRow("STOP_SEQUENCE", nameof(FinishKind.Ended))]
    [DataRow("stop_token", nameof(FinishKind.Ended))]
    [DataRow("COMPLETE", nameof(FinishKind.Ended))]
    [DataRow("completed", nameof(FinishKind.Ended))]
    [DataRow("done", nameof(FinishKind.Ended))]
    [DataRow("FINISH_REASON_STOP", nameof(FinishKind.Ended))]
    [DataRow("<FinishReason.STOP: 1>", nameof(FinishKind.Ended))]
    [DataRow("tool_calls", nameof(FinishKind.Ended))]
    [DataRow("length", nameof(FinishKind.Cut))]
    [DataRow("length_reasoning", nameof(FinishKind.Cut))]
    [DataRow("MAX_TOKENS", nameof(FinishKind.Cut))]
    [DataRow("FINISH_REASON_MAX_TOKENS", nameof(FinishKind.Cut))]
    [DataRow("max_new_tokens", nameof(FinishKind.Cut))]
    [DataRow("content_filter", nameof(FinishKind.Filtered))]
    [DataRow("content_filter: RECITATION", nameof(FinishKind.Filtered))]
    [DataRow("guardrail_intervened", nameof(FinishKind.Filtered))]
    [DataRow("ERROR_TOXIC", nameof(FinishKind.Filtered))]
    [DataRow("refusal", nameof(FinishKind.Refused))]
    [DataRow("insufficient_system_resource", nameof(FinishKind.Interrupted))]
    [DataRow("network_error", nameof(FinishKind.Interrupted))]
    [DataRow("overloaded", nameof(FinishKind.Interrupted))]
    [DataRow("error", nameof(FinishKind.Failed))]
    [DataRow("abort", nameof(FinishKind.Failed))]
    [DataRow("cancelled", nameof(FinishKind.Failed))]
    [DataRow("USER_CANCEL", nameof(FinishKind.Failed))]
    [DataRow("ERROR_LIMIT", nameof(FinishKind.Failed))]
    [DataRow("pause_turn", nameof(FinishKind.Failed))]
    [DataRow("model_context_window_exceeded", nameof(FinishKind.Failed))]
    [DataRow("OTHER", nameof(FinishKind.Failed))]
    [DataRow("MALFORMED_FUNCTION_CALL", nameof(FinishKind.Failed))]
    [DataRow("not_finished", nameof(FinishKind.Failed))]
    [DataRow("nonstop", nameof(FinishKind.Failed))]
    [DataRow("!", nameof(FinishKind.Failed))]
    public void Only_words_that_are_known_for_a_good_end_make_a_reply_whole(string? word, string kind)
        => Assert.AreEqual(kind, FinishWord.KindOf(word).ToString());

    [TestMethod]
    public void A_word_becomes_a_short_name_without_what_looks_like_a_key()
    {
        Assert.AreEqual("finish-error_limit", FinishWord.Name(" error_limit "));
        Assert.AreEqual("finish-function_call_filter--BAD", FinishWord.Name("function_call_filter: BAD"));
        Assert.AreEqual("finish-" + new string('x', 40), FinishWord.Name(new string('x', 99)));
        Assert.DoesNotContain("abcdefgh", FinishWord.Name("sk-abcdefgh12"));
        Assert.DoesNotContain("abcdefgh", FinishWord.Explain("sk-abcdefgh12"));
    }

    [TestMethod]
    [DataRow("\"abort\"", "finish-abort")]
    [DataRow("\"error\"", "finish-error")]
    [DataRow("\"cancelled\"", "finish-cancelled")]
    [DataRow("\"USER_CANCEL\"", "finish-USER_CANCEL")]
    [DataRow("\"ERROR_LIMIT\"", "finish-ERROR_LIMIT")]
    [DataRow("\"model_context_window_exceeded\"", "finish-model_context_window_exceeded")]
    [DataRow("\"never_heard_of\"", "finish-never_heard_of")]
    [DataRow("7", "finish-7")]
    [DataRow("{\"type\":\"abort\"}", "finish-abort")]
    public async Task A_reply_that_did_not_come_to_its_end_is_rejected_by_a_name_that_holds_the_word(string finish, string name)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(Refusing(finish));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with { MaxAttempts = 2 };
        for (int run = 0; run < 2; run++)
        {
            var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(4));
            CollectionAssert.AreEqual(new[] { null, null, $"positive: {name}", null }, outcomes.Select(o => o.Why()).ToArray());
            // Three good ones, and the other one's two attempts: no repetitions, and nothing in the second run.
            Assert.AreEqual(6 + 2, server.Requests);
        }
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((2L, 2L), (report.RejectedTexts[name], report.RejectedRequests));
        Assert.AreEqual((56L, 16L, 0L), (report.InputTokens, report.OutputTokens, report.RequestsWithoutUsage));
    }

    [TestMethod]
    public async Task Other_clients_words_are_read_the_same_way()
    {
        Dictionary<string, string?> reasons = new()
        {
            ["number 0 "] = "end_turn",
            ["number 1 "] = "abort",
            ["number 2 "] = "MAX_TOKENS",
            ["number 3 "] = "SAFETY",
            ["number 4 "] = "something_new",
        };
        var client = new FakeChatClient((request, _) => Task.FromResult(FakeChatClient.Reply(request.GoodAnswer(),
            new ChatFinishReason(reasons.Single(r => request.Sentence!.Contains(r.Key, StringComparison.Ordinal)).Value!))));
        var outcomes = await Synthesis.RunAsync(client, new() { MaxAttempts = 1 }, Synthesis.Sentences(5));
        CollectionAssert.AreEqual(
            new[] { null, "positive: finish-abort", "positive: truncated", "positive: filtered", "positive: finish-something_new" },
            outcomes.Select(o => o.Why()).ToArray());
    }

    [TestMethod]
    public async Task A_passing_trouble_of_the_server_is_asked_again_and_its_tokens_count_as_told()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(Refusing("\"insufficient_system_resource\"", times: 2));
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder);
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(4))).All(o => o.Example is not null));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual(2, report.FaultedRequests["finish-insufficient_system_resource"]);
        Assert.AreEqual((70L, 20L, 0L), (report.InputTokens, report.OutputTokens, report.RequestsWithoutUsage));
    }

    [TestMethod]
    public async Task A_passing_trouble_that_does_not_pass_is_named_and_a_later_run_asks_again()
    {
        using var folder = new TemporaryFolder();
        bool mended = false;
        Func<FakeRequest, CancellationToken, Task<ChatResponse>> answer = (request, _) => Task.FromResult(
            FakeChatClient.Reply(request.GoodAnswer(), !mended && request.Sentence!.Contains("number 2 ", StringComparison.Ordinal)
                ? new ChatFinishReason("network_error") : null));
        var client = new FakeChatClient(answer);
        var options = Synthesis.Options(folder) with { MaxRetries = 1 };
        StringAssert.StartsWith((await Synthesis.RunAsync(client, options, Synthesis.Sentences(4)))[2].Why(),
            "fault: finish-network_error (the server ended the reply with finish_reason 'network_error'");
        Assert.AreEqual(6 + 2, client.Calls);
        mended = true;
        Assert.IsNotNull((await Synthesis.RunAsync(client, options, Synthesis.Sentences(4)))[2].Example);
    }

    [TestMethod]
    public void Every_reader_refuses_such_a_reply()
    {
        var request = new RequestFactory(new(), null).Group(["A sentence of some length."], 1, 0);
        var reader = new ReplyReader([]);
        StoredReply Reply(string text, string finish) => new(0, text, finish, 1, 1);
        string one = """{"sentence":"A text."}""", several = """{"results":[{"id":1,"positives":["A text."]}]}""";
        SlotText Single(string finish) => reader.Single(Reply(one, finish), request, "A", new(SynthesisRole.Positive, 0), [], []).Value;
        ReplyReading<GroupTexts> Group(string finish)
            => reader.Group(Reply(several, finish), request, ["A sentence of some length."], 1, 0);
        ReplyReading<IReadOnlyList<string>> List(string finish)
            => ReplyReader.Sentences(Reply("""{"sentences":["The parcel came late."]}""", finish), 1);
        ReplyReading<double?> Judge(string finish) => ReplyReader.Score(Reply("""{"score":4}""", finish));
        Assert.IsNotNull(Single("eos").Text);
        Assert.IsTrue(Group("eos").AnyAccepted, string.Join(", ", Group("eos").RejectedBy));
        Assert.IsTrue(List("eos").AnyAccepted);
        Assert.IsTrue(Judge("eos").AnyAccepted);
        Assert.AreEqual("finish-abort", Single("abort").Rule);
        IsRefused(Group("abort"));
        IsRefused(List("abort"));
        IsRefused(Judge("abort"));

        static void IsRefused<T>(ReplyReading<T> reading)
        {
            CollectionAssert.AreEqual(new[] { "finish-abort" }, reading.RejectedBy.ToArray());
            StringAssert.Contains(reading.Reason, "'abort'");
            Assert.IsFalse(reading.AnyAccepted);
        }
    }

    [TestMethod]
    public void Where_the_text_is_lost_the_word_decides_all_the_same()
    {
        static SynthesisFault Lost(string word)
            => FaultClassifier.Classify(new ArgumentOutOfRangeException("value", word, "Unknown ChatFinishReason value."));
        Assert.AreEqual(SynthesisFaultKind.Transient, Lost("insufficient_system_resource").Kind);
        Assert.AreEqual(SynthesisFaultKind.Refused, Lost("abort").Kind);
        StringAssert.Contains(Lost("abort").Message, "'abort', so it is not whole");
        StringAssert.Contains(Lost("eos").Message, "have the server send 'stop'");
    }

    // Good replies, but for one sentence with another finish_reason.
    private static Func<ScriptedRequest, ServerBehavior> Refusing(string finish, int times = int.MaxValue)
    {
        var good = new GoodAnswers();
        int served = 0;
        return request =>
        {
            bool other = request.UserJson().GetProperty("sentence").GetString()!.Contains("number 2 ", StringComparison.Ordinal)
                && Interlocked.Increment(ref served) <= times;
            return ServerBehavior.WrongSchema(ProviderWordsTests.Completion(good.Answer(request).Text!, other ? finish : "\"stop\""));
        };
    }
}
