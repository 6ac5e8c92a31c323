using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TripletSynthesizerTests
{
    private static readonly string[] Sentences = [.. Enumerable.Range(0, 40).Select(i => $"Order number {i} came {i % 7} days late")];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Every_sentence_gets_its_positive_and_hard_negative_in_input_order()
    {
        var client = new FakeChatClient(async (request, token) =>
        {
            await Task.Delay(Random.Shared.Next(5), token);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        await using var synthesizer = new TripletSynthesizer(client);
        var outcomes = await Collect(synthesizer.SynthesizeAsync(Sentences));
        CollectionAssert.AreEqual(Sentences, outcomes.Select(o => o.Anchor).ToArray());
        foreach (var outcome in outcomes)
        {
            Assert.IsNull(outcome.RejectedBecause);
            Assert.AreEqual(FakeRequest.Positive(outcome.Anchor), outcome.Example!.Positives.Single());
            Assert.AreEqual(FakeRequest.Negative(outcome.Anchor), outcome.Example.Negatives.Single());
            Assert.AreEqual((2, false, 200L, 20L), (outcome.Attempts, outcome.FromJournal, outcome.InputTokens, outcome.OutputTokens));
        }
        Assert.AreEqual(80, client.Calls);
        Assert.IsLessThanOrEqualTo(8, client.MostAtATime);
    }

    [TestMethod]
    public async Task The_same_call_with_the_same_journal_asks_for_nothing_again()
    {
        using var folder = new TemporaryFolder();
        var options = new TripletSynthesisOptions { JournalPath = folder.New("j") };
        var client = new FakeChatClient(request => request.GoodAnswer());
        var first = await Run(client, options, Sentences);
        var second = await Run(client, options, Sentences);
        Assert.AreEqual(80, client.Calls);
        Assert.IsTrue(second.All(o => o.FromJournal));
        CollectionAssert.AreEqual(Texts(first), Texts(second));
        // Another order, with further sentences: only those are asked for.
        var third = await Run(client, options, [.. Sentences.Reverse(), "A new sentence about a parcel"]);
        Assert.AreEqual(82, client.Calls);
        Assert.AreEqual(1, third.Count(o => !o.FromJournal));
    }

    private static async Task<List<SynthesisOutcome>> Run(IChatClient client, TripletSynthesisOptions options, IEnumerable<string> sentences)
    {
        await using var synthesizer = new TripletSynthesizer(client, options);
        return await Collect(synthesizer.SynthesizeAsync(sentences));
    }

    private static async Task<List<SynthesisOutcome>> Collect(IAsyncEnumerable<SynthesisOutcome> outcomes)
    {
        List<SynthesisOutcome> list = [];
        await foreach (var outcome in outcomes) list.Add(outcome);
        return list;
    }

    private static string[] Texts(IEnumerable<SynthesisOutcome> outcomes) => [.. outcomes.Select(o => $"{o.Anchor}|{string.Join('|', o.Example?.Positives ?? [])}|{string.Join('|', o.Example?.Negatives ?? [])}|{o.RejectedBecause}")];
}
