using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TripletSynthesizerTests
{
    [TestMethod]
    public async Task Every_sentence_gets_its_positive_and_hard_negative_in_input_order()
    {
        string[] sentences = Synthesis.Sentences(40);
        var client = new FakeChatClient(async (request, token) =>
        {
            await Task.Delay(request.Number % 5, token);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        await using var synthesizer = new TripletSynthesizer(client);
        var outcomes = await Synthesis.CollectAsync(synthesizer.SynthesizeAsync(sentences));
        CollectionAssert.AreEqual(sentences, outcomes.Select(o => o.Anchor).ToArray());
        foreach (var outcome in outcomes)
        {
            Assert.IsNull(outcome.Why());
            Assert.AreEqual(FakeRequest.Positive(outcome.Anchor), outcome.Example!.Positives.Single());
            Assert.AreEqual(FakeRequest.Negative(outcome.Anchor), outcome.Example.Negatives.Single());
            Assert.AreEqual((2, false, 200L, 20L), (outcome.Attempts, outcome.FromJournal, outcome.InputTokens, outcome.OutputTokens));
        }
        Assert.AreEqual(80, client.Calls);
        Assert.IsLessThanOrEqualTo(8, client.MostAtATime);
        Assert.IsGreaterThan(4, client.MostAtATime);
    }

    [TestMethod]
    public async Task The_same_call_with_the_same_journal_asks_for_nothing_again()
    {
        using var folder = new TemporaryFolder();
        var (options, sentences) = (Synthesis.Options(folder), Synthesis.Sentences(40));
        var client = new FakeChatClient(request => request.GoodAnswer());
        var first = await Synthesis.RunAsync(client, options, sentences);
        var second = await Synthesis.RunAsync(client, options, sentences);
        Assert.AreEqual(80, client.Calls);
        Assert.IsTrue(second.All(o => o.FromJournal));
        CollectionAssert.AreEqual(Synthesis.Lines(first), Synthesis.Lines(second));
        // Another order, with a further sentence: only that is asked for.
        var third = await Synthesis.RunAsync(client, options, [.. sentences.Reverse(), "A new sentence about a parcel"]);
        Assert.AreEqual(82, client.Calls);
        Assert.AreEqual(1, third.Count(o => !o.FromJournal));
    }

    [TestMethod]
    public async Task Equal_sentences_are_asked_for_once_and_each_has_its_outcome()
    {
        var client = new FakeChatClient(async (request, _) =>
        {
            await Task.Delay(5, CancellationToken.None);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        string[] sentences = [.. Enumerable.Repeat(Synthesis.Sentences(3), 20).SelectMany(s => s)];
        var outcomes = await Synthesis.RunAsync(client, new(), sentences);
        CollectionAssert.AreEqual(sentences, outcomes.Select(o => o.Anchor).ToArray());
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
        Assert.AreEqual(6, client.Calls);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(64)]
    public async Task Concurrency_does_not_change_what_is_asked(int concurrency)
    {
        var (one, other) = (new FakeChatClient(r => r.GoodAnswer()), new FakeChatClient(r => r.GoodAnswer()));
        await Synthesis.RunAsync(one, new(), Synthesis.Sentences(50));
        await Synthesis.RunAsync(other, new() { MaxConcurrency = concurrency }, Synthesis.Sentences(50));
        CollectionAssert.AreEquivalent(Asked(one), Asked(other));
    }

    [TestMethod]
    public async Task Another_seed_draws_other_prompts_and_exemplars()
    {
        var (one, other) = (new FakeChatClient(r => r.GoodAnswer()), new FakeChatClient(r => r.GoodAnswer()));
        await Synthesis.RunAsync(one, new(), Synthesis.Sentences(50));
        await Synthesis.RunAsync(other, new() { Seed = 43 }, Synthesis.Sentences(50));
        Assert.IsLessThan(10, Asked(one).Intersect(Asked(other)).Count());
    }

    [TestMethod]
    public async Task A_rejected_text_is_asked_for_again_with_another_draw_and_counted()
    {
        using var folder = new TemporaryFolder();
        var (options, sentences) = (Synthesis.Options(folder), Synthesis.Sentences(30));
        HashSet<string> seen = [];
        var client = new FakeChatClient(request =>
        {
            lock (seen) return seen.Add($"{request.IsNegative}{request.Sentence}") && !request.IsNegative
                ? FakeRequest.Json(request.Sentence!) : request.GoodAnswer();
        });
        var outcomes = await Synthesis.RunAsync(client, options, sentences);
        Assert.IsTrue(outcomes.All(o => o.Example is not null && o.Attempts == 3));
        var positives = client.Requests.Where(r => !r.IsNegative).GroupBy(r => r.Sentence);
        Assert.IsTrue(positives.All(g => g.Count() == 2));
        Assert.IsGreaterThan(20, positives
            .Count(g => g.Select(r => string.Join('\n', r.Messages.Select(m => m.Text))).Distinct().Count() == 2));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((90L, 60L, 30L, 30L),
            (report.Requests, report.AcceptedRequests, report.RejectedRequests, report.RejectedTexts["copy-of-input"]));
    }

    [TestMethod]
    public async Task A_text_rejected_every_time_is_reported_and_not_paid_for_again_until_more_attempts_are_allowed()
    {
        using var folder = new TemporaryFolder();
        var (options, sentences) = (Synthesis.Options(folder), Synthesis.Sentences(4));
        var client = new FakeChatClient(request => request.IsNegative ? FakeRequest.Json(request.Sentence!) : request.GoodAnswer());
        for (int run = 0; run < 2; run++)
        {
            var outcomes = await Synthesis.RunAsync(client, options, sentences);
            Assert.IsTrue(outcomes.All(o => o is { Example: null, Attempts: 4 } && o.Why() == "negative: copy-of-input"));
            Assert.AreEqual(16, client.Calls);
        }
        await Synthesis.RunAsync(client, options with { MaxAttempts = 5 }, sentences);
        Assert.AreEqual(24, client.Calls);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((4L, 0L, 4L), (report.Sentences, report.Accepted, report.RejectedSentences["negative: copy-of-input"]));
    }

    [TestMethod]
    public async Task A_changed_prompt_asks_again_only_for_what_used_it()
    {
        using var folder = new TemporaryFolder();
        var (options, sentences) = (Synthesis.Options(folder), Synthesis.Sentences(60));
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options, sentences);
        var library = PromptLibrary.Default;
        var prompt = library.Positive.Prompts[1];
        int used = client.Requests.Count(r => r.System.Contains(prompt.Text, StringComparison.Ordinal));
        Assert.IsGreaterThan(1, used);
        var changed = library with
        {
            Positive = library.Positive with
            {
                Prompts = [.. library.Positive.Prompts.Select(p => p == prompt
            ? p with { Text = p.Text + " Be brief." } : p)]
            }
        };
        var outcomes = await Synthesis.RunAsync(client, options with { PromptLibrary = changed }, sentences);
        Assert.AreEqual(120 + used, client.Calls);
        Assert.AreEqual(used, outcomes.Count(o => !o.FromJournal));
        // And back: the earlier replies are still there.
        await Synthesis.RunAsync(client, options, sentences);
        Assert.AreEqual(120 + used, client.Calls);
    }

    [TestMethod]
    public async Task A_changed_rule_is_put_to_the_replies_in_the_journal()
    {
        using var folder = new TemporaryFolder();
        var (options, sentences) = (Synthesis.Options(folder), Synthesis.Sentences(20));
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options, sentences);
        var strict = options with { Rules = [.. options.Rules, new WordRule("no-words", "words")], MaxAttempts = 1 };
        var rejected = await Synthesis.RunAsync(client, strict, sentences);
        Assert.IsTrue(rejected.All(o => o is { FromJournal: true } && o.Why() == "positive: no-words"));
        Assert.AreEqual(20, (await Synthesis.ReportAsync(strict)).RejectedTexts["no-words"]);
        var again = await Synthesis.RunAsync(client, options, sentences);
        Assert.IsTrue(again.All(o => o is { Example: not null, FromJournal: true }));
        Assert.AreEqual(40, client.Calls);
        Assert.IsEmpty((await Synthesis.ReportAsync(options)).RejectedTexts);
    }

    [TestMethod]
    [DataRow(ReplyFormat.JsonSchema)]
    [DataRow(ReplyFormat.JsonText)]
    public async Task Options_reach_the_client_as_chat_options(ReplyFormat format)
    {
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, new()
        {
            ModelId = "m-2",
            Temperature = 0.7f,
            TopP = 0.9f,
            MaxOutputTokens = 77,
            ReplyFormat = format,
            ExemplarsPerRequest = 2
        }, ["One sentence to write for"]);
        foreach (var request in client.Requests)
        {
            Assert.AreEqual(("m-2", 0.7f, 0.9f, 77),
                (request.Options!.ModelId, request.Options.Temperature, request.Options.TopP, request.Options.MaxOutputTokens));
            Assert.HasCount(6, request.Messages);
            Assert.AreEqual(format == ReplyFormat.JsonSchema,
                request.Options.ResponseFormat is ChatResponseFormatJson { Schema: not null });
            Assert.AreEqual(format == ReplyFormat.JsonText, request.System.Contains("Markdown", StringComparison.OrdinalIgnoreCase));
            Assert.AreEqual(32, request.AttemptId!.Length);
        }
        Assert.IsNull(SynthesisAttempt.CurrentId);
    }

    [TestMethod]
    public async Task Words_around_the_JSON_and_plain_text_in_its_place_are_read()
    {
        var client = new FakeChatClient(r => r.IsNegative ? FakeRequest.Negative(r.Sentence!) : $"```json\n{r.GoodAnswer()}\n```");
        var outcomes = await Synthesis.RunAsync(client, new() { ReplyFormat = ReplyFormat.JsonText }, Synthesis.Sentences(10));
        Assert.IsTrue(outcomes.All(o => o.Attempts == 2 && o.Example!.Positives[0] == FakeRequest.Positive(o.Anchor)
            && o.Example.Negatives[0] == FakeRequest.Negative(o.Anchor)));
    }

    [TestMethod]
    public async Task What_Redact_returns_is_all_that_leaves_and_null_leaves_a_sentence_out()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with
        {
            Redact = s => s.Contains("secret", StringComparison.Ordinal) ? null
            : s.Replace("Ada Lovelace", "NAME", StringComparison.Ordinal)
        };
        var client = new FakeChatClient(r => r.GoodAnswer());
        var outcomes = await Synthesis
            .RunAsync(client, options, ["The order of Ada Lovelace is late", "This is secret altogether", "Another order is in time"]);
        Assert.AreEqual(("The order of Ada Lovelace is late", "The order of NAME is late"),
            (outcomes[0].Anchor, outcomes[0].Example!.Anchor));
        Assert.AreEqual((null, "left out by Redact"), (outcomes[1].Example, outcomes[1].Why()));
        Assert.IsNotNull(outcomes[2].Example);
        Assert.IsFalse(client.Requests.SelectMany(r => r.Messages).Any(m => m.Text.Contains("Lovelace") || m.Text.Contains("secret")));
        foreach (string file in Directory.GetFiles(folder.Root))
            Assert.IsLessThan(0, File.ReadAllBytes(file).AsSpan().IndexOf("Lovelace"u8), file);
    }

    [TestMethod]
    public async Task Empty_sentences_and_half_characters_have_outcomes_too()
    {
        var client = new FakeChatClient(r => r.GoodAnswer());
        string[] sentences = ["", "  \t", "A parcel \ud83d is here", "A 📦 is here today"];
        var outcomes = await Synthesis.RunAsync(client, new(), sentences);
        CollectionAssert.AreEqual(sentences, outcomes.Select(o => o.Anchor).ToArray());
        Assert.AreEqual(("empty sentence", "empty sentence"), (outcomes[0].Why(), outcomes[1].Why()));
        Assert.AreEqual("A parcel \ufffd is here", outcomes[2].Example?.Anchor ?? "A parcel \ufffd is here");
        Assert.AreEqual("A 📦 is here today", outcomes[3].Example!.Anchor);
    }

    [TestMethod]
    public async Task A_run_that_brings_nothing_but_rejections_stops_and_says_why()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxConsecutiveRejections = 20 };
        var client = new FakeChatClient(r => FakeRequest.Json(r.Sentence!));
        var stopped = await Assert
            .ThrowsExactlyAsync<SynthesisStoppedException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(2000)));
        Assert.AreEqual(SynthesisStopReason.EverythingRejected, stopped.Reason);
        StringAssert.Contains(stopped.Message, "copy-of-input");
        Assert.IsLessThan(400, client.Calls);
    }

    [TestMethod]
    public async Task Two_runs_of_one_synthesizer_are_refused_and_two_synthesizers_share_a_journal()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(async (r, token) =>
        {
            await Task.Delay(2, token);
            return FakeChatClient.Reply(r.GoodAnswer());
        });
        await using var one = new TripletSynthesizer(client, options);
        await using var two = new TripletSynthesizer(client, options);
        var first = Synthesis.CollectAsync(one.SynthesizeAsync(Synthesis.Sentences(60)));
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(
            () => Synthesis.CollectAsync(one.SynthesizeAsync(Synthesis.Sentences(1))));
        var second = await Synthesis.CollectAsync(two.SynthesizeAsync(Synthesis.Sentences(60)));
        CollectionAssert.AreEqual(Synthesis.Lines(await first), Synthesis.Lines(second));
        Assert.AreEqual(120, client.Calls);
    }

    [TestMethod]
    public async Task Synthesizers_with_other_options_on_one_journal_do_not_ask_for_the_same_at_the_same_time()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(async (r, token) =>
        {
            await Task.Delay(3, token);
            return FakeChatClient.Reply(r.GoodAnswer());
        });
        await Task.WhenAll(Synthesis.RunAsync(client, options, Synthesis.Sentences(50)),
            Synthesis.RunAsync(client, options with { MaxAttempts = 4 }, Synthesis.Sentences(50)));
        Assert.AreEqual(100, client.Calls);
    }

    [TestMethod]
    public async Task Progress_counts_up_to_the_total()
    {
        List<SynthesisProgress> reports = [];
        var options = new TripletSynthesisOptions { Prices = new(1, 10) };
        var client = new FakeChatClient(r => r.IsNegative && r.Sentence!.Contains("number 3 ", StringComparison.Ordinal)
            ? FakeRequest.Json(r.Sentence) : r.GoodAnswer());
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(12), new Inline<SynthesisProgress>(reports.Add));
        var last = reports[^1];
        Assert.AreEqual((12L, 12L, 11L, 1L, 26L, 0L, 0),
            (last.Done, last.Total!.Value, last.Accepted, last.Rejected, last.Requests, last.Faults, last.InFlight));
        Assert.AreEqual((2600L, 260L, 0.0052m, TimeSpan.Zero),
            (last.InputTokens, last.OutputTokens, last.Cost!.Value, last.Remaining!.Value));
        Assert.AreEqual(3, last.RejectedTexts["copy-of-input"]);
    }

    [TestMethod]
    public async Task Progress_is_told_while_no_outcome_comes()
    {
        var answered = new TaskCompletionSource();
        List<SynthesisProgress> reports = [];
        var client = new FakeChatClient(async (request, token) =>
        {
            await answered.Task.WaitAsync(token);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        var run = Synthesis.RunAsync(client, new(), Synthesis.Sentences(3), new Inline<SynthesisProgress>(report =>
        {
            reports.Add(report);
            if (report is { Done: 0, InFlight: 3 }) answered.TrySetResult();                            // told although nothing is done yet
        }));
        await run.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.AreEqual(3, reports[^1].Done);
    }

    [TestMethod]
    public async Task A_prompt_library_of_ones_own_is_used_as_it_is()
    {
        var library = PromptLibrary.Default with
        {
            Positive = new()
            {
                Prompts = [new("mine", "Say it like a pirate.")],
                Exemplars = [new("only", "Hello there, friend.", "Ahoy there, matey.", [])],
            },
            Negative = new() { Prompts = [new("other", "Say something else.")], Exemplars = [] },
        };
        var client = new FakeChatClient(r => FakeRequest.Json(r.System.Contains("pirate", StringComparison.Ordinal)
            ? FakeRequest.Positive(r.Sentence!) : FakeRequest.Negative(r.Sentence!)));
        Assert.IsTrue((await Synthesis.RunAsync(client, new() { PromptLibrary = library }, Synthesis.Sentences(3)))
            .All(o => o.Example is not null));
        Assert.IsTrue(client.Requests.All(r => r.Messages.Count == (r.System.Contains("pirate", StringComparison.Ordinal) ? 4 : 2)));
    }

    private static string[] Asked(FakeChatClient client)
        => [.. client.Requests.Select(r => string.Join('\n', r.Messages.Select(m => m.Text)))];

    private sealed class WordRule(string name, string word) : IReplyRule
    {
        public string Name => name;

        public ReplyVerdict Check(ReplyCandidate candidate) => candidate.Text.Contains(word, StringComparison.Ordinal)
            ? ReplyVerdict.Rejected("holds the word") : ReplyVerdict.Accepted;
    }
}
