using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class HostileReplyTests
{
    private const int Count = 10_000, Seed = 4;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(SynthesisRole.Positive)]
    [DataRow(SynthesisRole.Negative)]
    public void No_hostile_reply_passes_the_rules_and_cleanable_ones_come_out_clean(SynthesisRole role)
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        List<string> wrong = [];
        foreach (var reply in HostileReplies.Generate(Count, Seed))
        {
            var (text, rule, _) = ReplyRules.Apply(ReplyRules.Default, new ReplyCandidate
            {
                Text = reply.Text,
                Role = role,
                Anchor = reply.Anchor,
                Exemplars = reply.Exemplars,
                Truncated = reply.Truncated,
                Filtered = reply.Filtered,
            });
            string key = $"{reply.Kind}: {rule ?? "passes"}";
            counts[key] = counts.GetValueOrDefault(key) + 1;
            if (text != reply.Expected) wrong.Add($"{key} | {reply.Anchor} | {Cut(reply.Text)} | {Cut(text)}");
        }
        Report(counts);
        foreach (string? line in wrong.Take(200)) TestContext.WriteLine(line);
        Assert.IsEmpty(wrong);
    }

    [TestMethod]
    [DataRow(SynthesisRole.Positive)]
    [DataRow(SynthesisRole.Negative)]
    public async Task Hostile_replies_to_a_whole_run_leave_an_outcome_for_every_sentence_and_nothing_bad_in_any(SynthesisRole role)
    {
        using var folder = new TemporaryFolder();
        var replies = HostileReplies.Generate(Count, Seed).Where((_, i) => i % 2 == (role == SynthesisRole.Positive ? 0 : 1))
            .ToDictionary(r => r.Anchor);
        var random = new Random(Seed);
        var sent = replies.Values.ToDictionary(r => r.Anchor, r => Form(r, random.Next(10)));
        var exemplars = new[] { new SynthesisExemplar("e", "The meeting is on Thursday now.", HostileReplies.Exemplar, []) };
        var library = PromptLibrary.Default;
        library = library with
        {
            Positive = library.Positive with { Exemplars = exemplars },
            Negative = library.Negative with { Exemplars = exemplars },
        };
        var options = Synthesis.Options(folder) with
        {
            PromptLibrary = library,
            MaxConsecutiveRejections = null,
            MaxAttempts = 1,
            NegativesPerSentence = role == SynthesisRole.Positive ? 0 : 1,
            MaxConcurrency = 64,
        };
        var client = new FakeChatClient((request, _) => Task.FromResult(role == SynthesisRole.Negative && !request.IsNegative
            ? FakeChatClient.Reply(request.GoodAnswer())
            : FakeChatClient.Reply(sent[request.Sentence!].Text, Finish(replies[request.Sentence!]))))
        { Keeps = false };
        var outcomes = await Synthesis.RunAsync(client, options, replies.Keys);
        CollectionAssert.AreEqual(replies.Keys.ToArray(), outcomes.Select(o => o.Anchor).ToArray());
        List<string> wrong = [];
        foreach (var outcome in outcomes)
        {
            string? expected = sent[outcome.Anchor].IsWrongForm ? null : replies[outcome.Anchor].Expected;
            string? text = (role == SynthesisRole.Positive ? outcome.Example?.Positives : outcome.Example?.Negatives)?.Single();
            Assert.AreEqual(text is null, outcome.Why() is not null);
            if (text != expected)
                wrong.Add($"{replies[outcome.Anchor].Kind} | {outcome.Anchor} | {Cut(sent[outcome.Anchor].Text)} | {Cut(text)} | "
                    + $"{outcome.Why()}");
        }
        var report = await Synthesis.ReportAsync(options);
        Report(report.RejectedTexts.OrderBy(p => p.Key, StringComparer.Ordinal).ToDictionary(p => p.Key, p => (int)p.Value));
        TestContext.WriteLine($"{report.Accepted} of {report.Sentences} sentences accepted");
        foreach (string? line in wrong.Take(200)) TestContext.WriteLine(line);
        Assert.IsEmpty(wrong);
        Assert.AreEqual(replies.Count, report.Sentences);
    }

    [TestMethod]
    public void The_same_seed_makes_the_same_replies_and_every_kind_occurs()
    {
        var (one, other) = (HostileReplies.Generate(2000, 1).ToArray(), HostileReplies.Generate(2000, 1).ToArray());
        CollectionAssert.AreEqual(one.Select(r => r.Text).ToArray(), other.Select(r => r.Text).ToArray());
        Assert.HasCount(one.Length, one.Select(r => r.Anchor).Distinct());
        Assert.IsTrue(one.GroupBy(r => r.Kind).All(g => g.Count() > 1));
        Assert.HasCount(22, one.Select(r => r.Kind).Distinct());
    }

    private static ChatFinishReason Finish(HostileReply reply) => reply.Truncated ? ChatFinishReason.Length : reply.Filtered
        ? ChatFinishReason.ContentFilter : ChatFinishReason.Stop;

    /// <summary>
    /// The text as a reply: raw, under the name asked for or another, with words around; and JSON of a form that nobody asked for.
    /// </summary>
    private static (string Text, bool IsWrongForm) Form(HostileReply reply, int form) => form switch
    {
        0 => (JsonSerializer.Serialize(new { sentences = new[] { reply.Text } }), true),
        1 => (JsonSerializer.Serialize(new { sentence = new { text = reply.Text } }), true),
        2 => (JsonSerializer.Serialize(new { a = reply.Text, b = reply.Text }), true),
        3 => (JsonSerializer.Serialize(new { answer = reply.Text }), false),
        4 => ($"Here you are:\n```json\n{FakeRequest.Json(reply.Text)}\n```", false),
        5 or 6 or 7 => (reply.Text, false),
        _ => (FakeRequest.Json(reply.Text), false),
    };

    private void Report(IDictionary<string, int> counts)
    {
        foreach (var (key, count) in counts) TestContext.WriteLine($"{key}: {count}");
    }

    private static string Cut(string? text)
        => text is null ? "(rejected)" : JsonSerializer.Serialize(text.Length > 200 ? text[..200] : text);
}
