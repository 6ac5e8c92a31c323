using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ScratchSynthesisTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(8, 1)]
    [DataRow(8, 4)]
    public async Task As_many_sentences_as_asked_for_come_with_all_their_texts_the_same_at_any_concurrency(int concurrency,
        int sentencesPerRequest)
    {
        var options = new TripletSynthesisOptions { MaxConcurrency = concurrency, SentencesPerRequest = sentencesPerRequest };
        var outcomes = await RunAsync(new FakeChatClient(r => Answer(r)), options, 50, new() { SentencesPerRequest = 10 });
        Assert.AreEqual(50, outcomes.Count(o => o.Example is not null));
        Assert.HasCount(outcomes.Count, outcomes.Select(o => o.Anchor).Distinct());
        Assert.IsTrue(outcomes.All(o => PromptLibrary.Default.Genres.Contains(o.Genre) && o.Topic!.Length > 3));
        Assert.IsGreaterThan(1, outcomes.Select(o => o.Genre).Distinct().Count());
        var one = await RunAsync(new FakeChatClient(r => Answer(r)), options with { MaxConcurrency = 3 }, 50,
            new() { SentencesPerRequest = 10 });
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes), Synthesis.Lines(one));
    }

    [TestMethod]
    public async Task Rejected_sentences_are_made_up_for_and_no_more_are_asked_for_than_needed()
    {
        var client = new FakeChatClient(r => Answer(r, spoil: s => s.Contains(" 3 ", StringComparison.Ordinal)));
        var outcomes = await RunAsync(client, new(), 30, new() { SentencesPerRequest = 10 });
        Assert.AreEqual(30, outcomes.Count(o => o.Example is not null));
        int rejected = outcomes.Count(o => o.Example is null);
        Assert.IsGreaterThan(0, rejected);
        // Two requests for each accepted one, three tries for each rejected one, and the lists.
        Assert.IsLessThanOrEqualTo(30 * 2 + rejected * 3 + 6, client.Calls);
    }

    [TestMethod]
    public async Task The_same_call_with_the_same_journal_asks_for_nothing_and_a_greater_count_for_the_rest()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(r => Answer(r));
        var first = await RunAsync(client, options, 20, new() { SentencesPerRequest = 10 });
        int calls = client.Calls;
        var second = await RunAsync(client, options, 20, new() { SentencesPerRequest = 10 });
        Assert.AreEqual(calls, client.Calls);
        CollectionAssert.AreEqual(Synthesis.Lines(first), Synthesis.Lines(second));
        var more = await RunAsync(client, options, 30, new() { SentencesPerRequest = 10 });
        CollectionAssert.AreEqual(Synthesis.Lines(first), Synthesis.Lines(more.Take(first.Count)));
        Assert.IsLessThanOrEqualTo(calls + 22, client.Calls);
    }

    [TestMethod]
    public async Task Lists_that_bring_nothing_new_end_the_run_with_a_reason_and_all_results()
    {
        await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => Answer(r, same: true)));
        var outcomes = await Synthesis.CollectAsync(synthesizer.SynthesizeFromScratchAsync(500, new() { SentencesPerRequest = 10 }));
        Assert.IsNotEmpty(outcomes);
        Assert.IsLessThan(40, outcomes.Count);
        StringAssert.Contains((await synthesizer.GetReportAsync()).StoppedBecause!, "MinYield");
    }

    [TestMethod]
    public async Task A_list_that_is_no_list_is_no_end()
    {
        int lists = 0;
        var client = new FakeChatClient(r => r.User.TryGetProperty("genre", out _) && Interlocked.Increment(ref lists) % 2 == 0
            ? "I cannot help with that." : Answer(r));
        var outcomes = await RunAsync(client, new() { MaxConcurrency = 1 }, 20, new() { SentencesPerRequest = 5 });
        Assert.AreEqual(20, outcomes.Count(o => o.Example is not null));
    }

    [TestMethod]
    public async Task Own_genres_and_topics_are_used_and_wrong_options_named()
    {
        var outcomes = await RunAsync(new FakeChatClient(r => Answer(r)), new(), 10, new()
        {
            Genres = ["German news"],
            Topics = ["rain"],
            TopicsPerRequest = 5,
            SentencesPerRequest = 3,
        });
        Assert.IsTrue(outcomes.All(o => o is { Genre: "German news", Topic: "rain" }));
        foreach (var (options, name) in new (ScratchSynthesisOptions, string)[] { (new() { Genres = [] }, "Genres"),
            (new() { Topics = ["a", " "] }, "Topics"), (new() { Topics = ["a", "a"] }, "Topics"), (new() { MinYield = 2 }, "MinYield"),
                (new() { SentencesPerRequest = 0 }, "SentencesPerRequest"), (new() { TopicsPerRequest = 0 }, "TopicsPerRequest"),
                    (new() { NearDuplicateSimilarity = 0 }, "NearDuplicateSimilarity") })
            StringAssert.Contains((await Assert.ThrowsAsync<ArgumentException>(
                () => RunAsync(new FakeChatClient(r => Answer(r)), new(), 1, options))).Message, name);
    }

    private static async Task<List<SynthesisOutcome>> RunAsync(FakeChatClient client, TripletSynthesisOptions options, int count,
        ScratchSynthesisOptions scratch)
    {
        await using var synthesizer = new TripletSynthesizer(client, options);
        return await Synthesis.CollectAsync(synthesizer.SynthesizeFromScratchAsync(count, scratch));
    }

    private static string Answer(FakeRequest request, Func<string, bool>? spoil = null, bool same = false)
    {
        if (request.User.TryGetProperty("genre", out var genre))
        {
            string topics = string.Join(" and ", request.User.GetProperty("topics").EnumerateArray().Select(t => t.GetString()));
            var random = new Random(same ? 1 : (genre.GetString() + topics).Sum(c => c * 31));
            return JsonSerializer.Serialize(new
            {
                sentences = Enumerable.Range(0, request.User.GetProperty("count").GetInt32()).Select(
                i => $"Number {i} of {Word(random)} {Word(random)} {Word(random)} {Word(random)} and {Word(random)}")
            });
        }
        if (request.Sentence is { } sentence) return spoil?.Invoke(sentence) == true ? FakeRequest.Json(sentence) : request.GoodAnswer();
        return JsonSerializer.Serialize(
            new
            {
                results = request.Sentences.Select((s, i) => new
                {
                    id = i + 1,
                    positives = new[] { FakeRequest.Positive(s) },
                    negatives = new[] { FakeRequest.Negative(s) }
                })
            });
    }

    private static string Word(Random random)
        => string.Concat(Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? "bcdfgklmnprst"[random.Next(13)] : "aeiou"[random.Next(5)]));
}
