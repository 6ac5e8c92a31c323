using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// What the real OpenAI client sends for the options it is given, and what it makes of answers that are no fault of the server's.
/// </summary>
[TestClass]
public sealed class ScriptedClientTests : ConversationTests
{
    private const string Schema =
        """{"type":"object","properties":{"sentence":{"type":"string"}},"required":["sentence"],"additionalProperties":false}""";

    [TestMethod]
    public async Task A_reply_comes_with_its_text_model_finish_reason_and_usage()
    {
        Next = ServerBehavior.Reply("Grüße, 世界 😀", usage: new(7, 3));
        var response = await Ask();
        Assert.AreEqual("Grüße, 世界 😀", response.Text);
        Assert.AreEqual("scripted-model", response.ModelId);
        Assert.AreEqual(ChatFinishReason.Stop, response.FinishReason);
        Assert.AreEqual((7L, 3L, 10L),
            (response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount, response.Usage?.TotalTokenCount));
    }

    [TestMethod]
    public async Task A_reply_without_usage_has_none_and_an_empty_usage_is_all_zeros()
    {
        Assert.IsNull((await Ask()).Usage);
        Next = ServerBehavior.WrongSchema(Choice("""{"role":"assistant","content":"hi"},"finish_reason":"stop" """, ""","usage":{}"""));
        Assert.AreEqual(0L, (await Ask()).Usage?.TotalTokenCount);
    }

    [TestMethod]
    [DataRow("length")]
    [DataRow("content_filter")]
    public async Task Other_finish_reasons_come_as_they_are(string reason)
    {
        Next = ServerBehavior.Reply("hi", reason);
        Assert.AreEqual(reason, (await Ask()).FinishReason?.Value);
    }

    [TestMethod]
    public async Task A_finish_reason_that_is_left_out_counts_as_stop()
    {
        Next = ServerBehavior.WrongSchema(Choice("""{"role":"assistant","content":"hi"}"""));
        Assert.AreEqual(ChatFinishReason.Stop, (await Ask()).FinishReason);
    }

    [TestMethod]
    [DataRow("""{"role":"assistant","content":null},"finish_reason":"stop" """)]
    [DataRow("""{"role":"assistant"},"finish_reason":"stop" """)]
    [DataRow("""{"role":"assistant","content":42},"finish_reason":"stop" """)]
    public async Task A_message_without_content_is_a_response_without_contents(string message)
    {
        Next = ServerBehavior.WrongSchema(Choice(message));
        var response = await Ask();
        Assert.AreEqual("", response.Text);
        Assert.IsEmpty(response.Messages.Single().Contents);
    }

    [TestMethod]
    public async Task Empty_content_is_a_response_with_an_empty_text()
    {
        Next = ServerBehavior.Reply("");
        var response = await Ask();
        Assert.AreEqual("", response.Text);
        Assert.IsInstanceOfType<TextContent>(response.Messages.Single().Contents.Single());
    }

    [TestMethod]
    public async Task A_refusal_in_its_own_field_is_error_content_and_no_text()
    {
        Next = ServerBehavior.WrongSchema(
            Choice("""{"role":"assistant","content":null,"refusal":"I cannot help."},"finish_reason":"stop" """));
        var response = await Ask();
        Assert.AreEqual("", response.Text);
        Assert.AreEqual("I cannot help.", ((ErrorContent)response.Messages.Single().Contents.Single()).Message);
        Assert.AreEqual(ChatFinishReason.Stop, response.FinishReason);
    }

    [TestMethod]
    public async Task Megabytes_arrive_whole()
    {
        Next = ServerBehavior.Huge();
        Assert.HasCount(5 << 20, (await Ask()).Text);
    }

    [TestMethod]
    public async Task A_slow_reply_arrives_whole()
    {
        Next = ServerBehavior.SlowDrip("hi", TimeSpan.FromMilliseconds(100));
        Assert.AreEqual("hi", (await Ask()).Text);
        await Server.IdleAsync();
        Assert.IsTrue(Server.Log.Single().Completed);
    }

    [TestMethod]
    public async Task Options_are_sent_under_the_names_of_today_and_the_schema_without_strict()
    {
        await Ask(new()
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema), "answer"),
            MaxOutputTokens = 50,
            Temperature = 0.7f,
            TopP = 0.9f,
            ModelId = "another-model",
        });
        Assert.AreEqual("another-model", Last!.Model);
        Assert.AreEqual((0.7, 0.9, 50), (Last.Temperature, Last.TopP, Last.MaxTokens));
        Assert.AreEqual(50, Last.Json.GetProperty("max_completion_tokens").GetInt32());
        Assert.IsFalse(Last.Json.TryGetProperty("max_tokens", out _));
        Assert.AreEqual("json_schema", Last.ResponseFormat);
        Assert.AreEqual("answer", Last.Json.GetProperty("response_format").GetProperty("json_schema").GetProperty("name").GetString());
        Assert.IsFalse(Last.Json.GetProperty("response_format").GetProperty("json_schema").TryGetProperty("strict", out _));
        Assert.IsTrue(JsonElement.DeepEquals(JsonElement.Parse(Schema), Last.Schema!.Value));
    }

    [TestMethod]
    public async Task Strict_is_sent_where_additional_properties_ask_for_it()
    {
        await Ask(new()
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema), "answer"),
            AdditionalProperties = new() { ["strict"] = true },
        });
        Assert.IsTrue(Last!.Json.GetProperty("response_format").GetProperty("json_schema").GetProperty("strict").GetBoolean());
    }

    [TestMethod]
    public async Task Without_options_the_clients_model_is_asked_for_and_nothing_else_is_set()
    {
        await Ask(new() { ResponseFormat = ChatResponseFormat.Json });
        Assert.AreEqual("json_object", Last!.ResponseFormat);
        await Ask();
        Assert.AreEqual(("scripted-model", "text"), (Last.Model, Last.ResponseFormat));
        Assert.AreEqual((null, null, null), (Last.Temperature, Last.TopP, Last.MaxTokens));
    }

    [TestMethod]
    public async Task Messages_arrive_in_order_with_their_roles()
    {
        ScriptedMessage[] messages = [new("system", "s"), new("user", "a"), new("assistant", "b"), new("user", """{"n":1}""")];
        await Client.GetResponseAsync(messages.Select(m => new ChatMessage(new(m.Role), m.Text)), cancellationToken: Cancelled);
        CollectionAssert.AreEqual(messages, Last!.Messages.ToArray());
        Assert.AreEqual(1, Last.UserJson().GetProperty("n").GetInt32());
    }

    [TestMethod]
    public async Task The_attempt_under_way_is_seen_by_the_clients_pipeline_and_sent()
    {
        string? sent = null;
        using var client = ScriptedClient
            .Create(Server.Endpoint, sending: request => sent = request.Headers.GetValues(AttemptHeaderPolicy.Header).Single());
        SynthesisAttempt.CurrentId = "0123456789abcdef0123456789abcdef";
        try
        {
            await client.GetResponseAsync("hello", cancellationToken: Cancelled);
        }
        finally
        {
            SynthesisAttempt.CurrentId = null;
        }
        await Ask();
        await Server.IdleAsync();
        Assert.AreEqual("0123456789abcdef0123456789abcdef", sent);
        CollectionAssert.AreEqual(new[] { sent, null }, Server.Log.Select(a => a.AttemptId).ToArray());
    }

    private static string Choice(string message, string rest = "") => $$"""{"choices":[{"index":0,"message":{{message}}}]{{rest}}}""";
}
