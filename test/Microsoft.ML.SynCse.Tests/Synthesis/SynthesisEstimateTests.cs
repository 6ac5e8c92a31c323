namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SynthesisEstimateTests
{
    private static int Count(string text) => (System.Text.Encoding.UTF8.GetByteCount(text) + 3) / 4;

    [TestMethod]
    public async Task The_estimate_counts_what_would_be_sent_and_nothing_is_sent()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { Prices = new(2, 8) };
        var client = new FakeChatClient((r, _) => Task.FromResult(
            FakeChatClient.Reply(r.GoodAnswer(), input: r.Messages.Sum(m => Count(m.Text) + 4) + 40, output: Count(r.GoodAnswer()))));
        string[] sentences = [.. Synthesis.Sentences(60), .. Synthesis.Sentences(10), ""];
        await using var synthesizer = new TripletSynthesizer(client, options);
        var before = await synthesizer.EstimateAsync(sentences);
        Assert.AreEqual(0, client.Calls);
        Assert.AreEqual((71L, 0L, 120L, 0L), (before.Sentences, before.FromJournal, before.Requests, before.LearnedFrom));
        await Synthesis.CollectAsync(synthesizer.SynthesizeAsync(sentences));
        var report = await synthesizer.GetReportAsync();
        Assert.AreEqual(before.Requests, report.Requests);
        Assert.IsInRange(0.9, 1.1, (double)before.InputTokens / report.InputTokens);
        Assert.IsInRange(0.5, 2, (double)before.OutputTokens / report.OutputTokens);
        Assert.AreEqual((before.InputTokens * 2 + before.OutputTokens * 8) / 1_000_000m, before.Cost);
        // What the journal has costs nothing; what is new is estimated from what was learned.
        var after = await synthesizer
            .EstimateAsync([.. sentences, .. Enumerable.Range(0, 10).Select(i => $"A further sentence, number {i}")]);
        Assert.AreEqual((60L, 20L, 120L), (after.FromJournal, after.Requests, after.LearnedFrom));
        Assert.AreEqual(20.0 * report.InputTokens / 120, after.InputTokens, 1);
    }

    [TestMethod]
    [DataRow(1, false, 100)]
    [DataRow(10, false, 10)]
    [DataRow(10, true, 5)]
    public async Task Groups_need_fewer_requests(int sentencesPerRequest, bool oneRequest, int requests)
    {
        await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()), new()
        {
            SentencesPerRequest = sentencesPerRequest,
            OneRequestPerSentence = oneRequest,
        });
        Assert.AreEqual(requests, (await synthesizer.EstimateAsync(Synthesis.Sentences(50))).Requests);
    }

    [TestMethod]
    public async Task From_nothing_the_lists_are_counted_too_and_a_judge_adds_a_request_for_each_text()
    {
        await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()));
        Assert.AreEqual(5 + 200, (await synthesizer.EstimateFromScratchAsync(100)).Requests);
        await using var judged = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()), new() { PairChecks = [new JudgeCheck()] });
        Assert.AreEqual(40, (await judged.EstimateAsync(Synthesis.Sentences(10))).Requests);
    }

    [TestMethod]
    [DataRow(10, false, false)]
    [DataRow(10, true, false)]
    [DataRow(1, true, true)]
    [DataRow(4, false, true)]
    [DataRow(1, false, true)]
    public async Task What_the_journal_holds_is_not_priced_again_in_groups_and_for_judges(int sentencesPerRequest, bool oneRequest,
        bool judged)
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers { Judge = static (_, _) => 3 };
        await using var server = await ScriptedServer.StartAsync(good.Answer);
        using var client = ScriptedClient.Create(server.Endpoint);
        var options = Synthesis.Options(folder) with
        {
            SentencesPerRequest = sentencesPerRequest,
            OneRequestPerSentence = oneRequest,
            PairChecks = judged ? [new JudgeCheck(gap: 0)] : [],
            MaxConcurrency = 2,
        };
        string[] sentences = [.. Synthesis.Sentences(41), "", Synthesis.Sentences(3)[2], .. Synthesis.Sentences(60)[41..]];
        // A limit ends it on the way: replies are in the journal whose sentences have no outcome.
        long part;
        await using (var synthesizer = new TripletSynthesizer(client,
            options)) part = (await synthesizer.EstimateAsync(sentences)).Requests / 2;
        await Assert.ThrowsExactlyAsync<SynthesisStoppedException>(()
            => Synthesis.RunAsync(client, options with { Limits = new() { MaxRequests = part } }, sentences));
        await server.IdleAsync();
        long before = server.Requests;
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            long estimated = (await synthesizer.EstimateAsync(sentences)).Requests;
            await Synthesis.CollectAsync(synthesizer.SynthesizeAsync(sentences));
            Assert.AreEqual(server.Requests - before, estimated);
            Assert.AreEqual(0, (await synthesizer.EstimateAsync(sentences)).Requests);
        }
    }

    [TestMethod]
    public async Task Sentences_of_lists_that_the_journal_holds_are_not_priced_again()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        using var client = ScriptedClient.Create(server.Endpoint);
        await using var synthesizer = new TripletSynthesizer(client, Synthesis.Options(folder));
        await Synthesis.CollectAsync(synthesizer.SynthesizeFromScratchAsync(40));
        Assert.AreEqual(0, (await synthesizer.EstimateFromScratchAsync(40)).Requests);
        Assert.AreEqual(1 + 40, (await synthesizer.EstimateFromScratchAsync(60)).Requests);
    }

    [TestMethod]
    public async Task A_missing_sentence_is_an_empty_one_as_in_a_run()
    {
        await using var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer()),
            new() { Redact = sentence => sentence.Trim() });
        Assert.AreEqual((2L, 2L), (await synthesizer.EstimateAsync([null!, "The parcel is late"])) is var estimate
            ? (estimate.Sentences, estimate.Requests) : default);
    }
}
