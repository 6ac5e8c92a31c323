using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Models that think before they answer, and what they put around the answer.</summary>
[TestClass]
public sealed class ReasoningTests
{
    private const string Cut = "reasoning-used-up-tokens";

    [TestMethod]
    [DataRow("<think>\nThe answer has the form {\"sentence\":\"...\"}; [slow] could stand for late.\n</think>\n\n{0}")]
    [DataRow("This is the new sentence [in other words]:\n```json\n{0}\n```\nShall I write more [variants]?")]
    public async Task A_complete_answer_is_read_whatever_stands_around_it(string frame)
    {
        var good = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(request
            => ServerBehavior.Reply(frame.Replace("{0}", good.Node(request).ToJsonString(GoodAnswers.Json), StringComparison.Ordinal)));
        using var client = ScriptedClient.Create(server.Endpoint);
        var outcomes = await Synthesis.RunAsync(client,
            new() { ReplyFormat = ReplyFormat.JsonText, RetryDelay = TimeSpan.FromMilliseconds(1) }, Synthesis.Sentences(4));
        await server.IdleAsync();
        Assert.IsTrue(outcomes.All(o => o.Example is not null), string.Join(", ", outcomes.Select(o => o.Why())));
        Assert.AreEqual(8, server.Log.Count);
    }

    [TestMethod]
    [DataRow("<think>The sentence says that an order came late, so I could")]
    [DataRow("\n<thinking>\nOne way is {\"sentence\":\"x\"} and")]
    [DataRow("<|channel|>analysis<|message|>We need to rewrite the")]
    [DataRow("[THINK]Let me see")]
    [DataRow("<think>Let me see.</think>\n\n")]
    [DataRow("")]
    [DataRow(" \n")]
    public async Task Reasoning_that_uses_up_the_tokens_is_named_with_what_to_do(string text)
    {
        using var folder = new TemporaryFolder();
        var client = new FakeChatClient((_, _) => Task.FromResult(Thinking(text)));
        var options = Synthesis.Options(folder) with { MaxOutputTokens = 50, MaxConsecutiveRejections = 2, MaxConcurrency = 1 };
        var error = await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options, Synthesis.Sentences(9)));
        StringAssert.Contains(error.Message, Cut);
        StringAssert.Contains(error.Message, "raise MaxOutputTokens");
        StringAssert.Contains(error.Message, "reasoning off");
        var report = await Synthesis.ReportAsync(options);
        CollectionAssert.AreEqual(new[] { Cut }, report.RejectedTexts.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { $"positive: {Cut}" }, report.RejectedSentences.Keys.ToArray());
    }

    [TestMethod]
    public void Every_reader_names_it()
    {
        var reply = new StoredReply(0, "<think>and", StoredReply.FinishLength, 1, 1);
        var request = new RequestFactory(new(), null).Group(["A sentence of some length."], 1, 1);
        var reader = new ReplyReader(ReplyRules.Default);
        foreach (var stored in new[] { reply, reply with { Text = "", Finish = StoredReply.FinishReasoning } })
        {
            CollectionAssert.AreEqual(new[] { Cut }, reader.Single(stored, request, "A sentence.", new(SynthesisRole.Positive, 0), [], [])
                .RejectedBy.ToArray());
            CollectionAssert.AreEqual(new[] { Cut, Cut },
                reader.Group(stored, request, ["A sentence of some length."], 1, 1).RejectedBy.ToArray());
            CollectionAssert.AreEqual(new[] { Cut }, ReplyReader.Sentences(stored, 5).RejectedBy.ToArray());
            StringAssert.Contains(ReplyReader.Sentences(stored, 5).Reason, "MaxOutputTokens");
            CollectionAssert.AreEqual(new[] { Cut }, ReplyReader.Score(stored).RejectedBy.ToArray());
            StringAssert.Contains(ReplyReader.Score(stored).Reason, "MaxOutputTokens");
        }
        // Whose reasoning ended, or who was not cut off, did not lack tokens for it.
        Assert.IsFalse((reply with { Text = "<think>and</think>{\"sentence\":\"a" }).IsReasoningOnly);
        Assert.IsFalse((reply with { Finish = "stop" }).IsReasoningOnly);
        Assert.IsFalse((reply with { Text = "A sentence about <think> that was cut" }).IsReasoningOnly);
        CollectionAssert.AreEqual(new[] { "judge-unreadable" }, ReplyReader.Score(new(0, "no", "stop", 1, 1)).RejectedBy.ToArray());
    }

    [TestMethod]
    public async Task A_judge_that_thinks_is_read_too()
    {
        var client = new FakeChatClient(request => request.User.TryGetProperty("first", out _)
            ? request.IsOfNegative() ? "<think>Not {\"score\":5}.</think>{\"score\":1}"
            : "Hm, {\"score\":1}? No.</think>\n```json\n{\"score\":5}\n```" : request.GoodAnswer());
        var outcomes = await Synthesis.RunAsync(client, new() { PairChecks = [new JudgeCheck()] }, Synthesis.Sentences(3));
        Assert.IsTrue(outcomes.All(o => o.Example is not null), string.Join(", ", outcomes.Select(o => o.Why())));
    }

    [TestMethod]
    [DataRow("\"length\"", "null", "", true)]
    [DataRow("\"length\"", "\"\"", "", true)]
    [DataRow("\"length\"", "\"\"", ",\"completion_tokens_details\":{\"reasoning_tokens\":50}", true)]
    [DataRow("\"length\"", "\"\"", ",\"completion_tokens_details\":{\"audio_tokens\":0}", true)]
    [DataRow("\"length\"", "\"\"", ",\"completion_tokens_details\":{\"reasoning_tokens\":null}", true)]
    [DataRow("\"length\"", "\"\"", ",\"completion_tokens_details\":null", true)]
    [DataRow("\"length\"", "\"\"", ",\"completion_tokens_details\":{\"reasoning_tokens\":0}", false)]
    [DataRow("\"max_tokens\"", "null", "", true)]
    [DataRow("\"MAX_TOKENS\"", "\"\"", ",\"completion_tokens_details\":{\"reasoning_tokens\":50}", true)]
    [DataRow("\"max_tokens\"", "\"\"", ",\"completion_tokens_details\":{\"reasoning_tokens\":0}", false)]
    [DataRow("\"max_tokens\"", "\"The par\"", ",\"completion_tokens_details\":{\"reasoning_tokens\":40}", true)]
    [DataRow("\"max_tokens\"", "\"The par\"", ",\"reasoning_tokens\":40", true)]
    [DataRow("\"max_tokens\"", "\"The par\"", "", false)]
    [DataRow("\"stop\"", "\"\"", "", false)]
    public async Task A_cut_reply_without_text_is_reasoning_unless_usage_says_that_there_was_none(
        string finish, string content, string usage, bool named)
    {
        await using var server = await ScriptedServer.StartAsync(_ => ServerBehavior.WrongSchema($$"""
            {"id":"c","object":"chat.completion","created":1,"model":"m",
            "choices":[{"index":0,"message":{"role":"assistant","content":{{content}} },"finish_reason":{{finish}} }],
            "usage":{"prompt_tokens":7,"completion_tokens":50,"total_tokens":57{{usage}} } }
            """));
        using var client = ScriptedClient.Create(server.Endpoint);
        var outcomes = await Synthesis.RunAsync(client, new() { MaxOutputTokens = 50, MaxAttempts = 1, MaxRetries = 0 },
            Synthesis.Sentences(1));
        Assert.AreEqual(named, outcomes[0].Why() == $"positive: {Cut}", outcomes[0].Why());
        StringAssert.StartsWith(outcomes[0].Why(), "positive: ");
    }

    private static ChatResponse Thinking(string text) => FakeChatClient.Reply(text, ChatFinishReason.Length, output: 50);
}

file static class JudgeRequests
{
    public static bool IsOfNegative(this FakeRequest request)
        => request.User.GetProperty("second").GetString()!.StartsWith("It is not so", StringComparison.Ordinal);
}
