using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>10,000 bad replies: nothing is thrown, nothing bad passes.</summary>
[TestClass]
public sealed class HostileReplyTests
{
    private const int Count = 10_000, Seed = 5;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void No_bad_reply_passes_the_rules_and_what_can_be_cleaned_is()
    {
        SortedDictionary<string, SortedDictionary<string, int>> verdicts = [];
        foreach (var reply in HostileReplies.Generate(Count, Seed))
        {
            foreach (var role in Enum.GetValues<SynthesisRole>())
            {
                var (text, rule, _) = ReplyRules.Apply(ReplyRules.Default, new() { Text = reply.Text, Anchor = reply.Anchor, Role = role, Truncated = reply.Truncated, Filtered = reply.Filtered });
                Assert.AreEqual(reply.Expected, text, $"{reply.Kind}, {role}: '{Short(reply.Text)}' for '{reply.Anchor}' ({rule})");
                var counts = verdicts.TryGetValue(reply.Kind, out var known) ? known : verdicts[reply.Kind] = [];
                counts[rule ?? "passes, cleaned"] = counts.GetValueOrDefault(rule ?? "passes, cleaned") + 1;
            }
        }
        foreach (var (kind, counts) in verdicts) TestContext.WriteLine($"{kind}: {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}");
    }

    [TestMethod]
    [DataRow(ReplyFormat.JsonSchema)]
    [DataRow(ReplyFormat.JsonText)]
    public async Task No_bad_reply_leaves_the_synthesizer_and_every_sentence_has_its_outcome(ReplyFormat format)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(Seed);
        var replies = HostileReplies.Generate(Count, Seed, numbered: true).ToDictionary(r => r.Anchor);
        var wrapping = replies.Keys.ToDictionary(a => a, _ => random.Next(3));
        var client = new FakeChatClient((request, _) =>
        {
            var reply = replies[request.Sentence!];
            var text = wrapping[reply.Anchor] switch { 0 => reply.Text, 1 => JsonSerializer.Serialize(new { sentence = reply.Text }), _ => JsonSerializer.Serialize(new { rewrite = reply.Text }) };
            return Task.FromResult(FakeChatClient.Reply(text, reply.Truncated ? ChatFinishReason.Length : reply.Filtered ? ChatFinishReason.ContentFilter : null));
        })
        { Keeps = false };
        var options = Synthesis.Options(folder) with { ReplyFormat = format, MaxAttempts = 1, NegativesPerSentence = 0, MaxRejectedInARow = null };
        var clock = Stopwatch.StartNew();
        var outcomes = await Synthesis.RunAsync(client, options, replies.Keys);
        TestContext.WriteLine($"{Count} in {clock.Elapsed.TotalSeconds:f1} s; rejected: {string.Join(", ", (await Synthesis.ReportAsync(options)).RejectedTexts.Select(r => $"{r.Key} {r.Value}"))}");
        CollectionAssert.AreEqual(replies.Keys, outcomes.Select(o => o.Anchor).ToArray());
        foreach (var outcome in outcomes)
        {
            var reply = replies[outcome.Anchor];
            if (outcome.Example is { } example) Assert.AreEqual(reply.Expected, example.Positives.Single(), $"{reply.Kind}: '{Short(reply.Text)}'");
            else Assert.IsNotNull(outcome.RejectedBecause);
            if (reply.Expected is not null) Assert.IsNotNull(outcome.Example, $"{reply.Kind}: '{Short(reply.Text)}' rejected: {outcome.RejectedBecause}");
        }
    }

    private static string Short(string text) => text.Length <= 120 ? text : $"{text[..120]}... ({text.Length})";
}
