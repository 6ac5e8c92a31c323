using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class PairCheckTests
{
    [TestMethod]
    public async Task The_similarity_gap_rejects_by_floor_and_margin_and_its_scores_are_in_the_outcome()
    {
        using var folder = new TemporaryFolder();
        using var encoder = SentenceEncoder.LoadDefault();
        var options = Synthesis.Options(folder) with
        {
            PairChecks = [new SimilarityGapCheck(encoder, margin: 0.1, floor: 0.5)],
            MaxAttempts = 2,
        };
        string[] sentences = ["How do I reset my password?", "The invoice was charged twice.", "My parcel has not come yet."];
        Dictionary<(string?, bool), string> answers = new()
        {
            [(sentences[0], false)] = "I forgot my password, how can I reset it?",
            [(sentences[0], true)] = "How can I delete all my old photos here?",
            [(sentences[1], false)] = "The cat slept on the warm roof today.",                   // no positive
            [(sentences[2], false)] = "I am still waiting for my parcel to come.",
            [(sentences[2], true)] = "My parcel has still not come yet.",                        // as near as the positive
        };
        var client = new FakeChatClient(r => FakeRequest.Json(answers[(r.Sentence, r.IsNegative)]));
        for (int run = 0; run < 2; run++)
        {
            var outcomes = await Synthesis.RunAsync(client, options, sentences);
            Assert.IsNotNull(outcomes[0].Example);
            Assert.IsGreaterThan(0.5, outcomes[0].Scores!["similarity/positive/0"]);
            Assert.IsGreaterThan(0.1, outcomes[0].Scores!["similarity/positive/0"] - outcomes[0].Scores!["similarity/negative/0"]);
            Assert.AreEqual("positive: pair-similarity", outcomes[1].Why());
            Assert.AreEqual("negative: pair-similarity", outcomes[2].Why());
            Assert.AreEqual(2 + 2 + 3, client.Calls);
        }
        Assert.AreEqual(4, (await Synthesis.ReportAsync(options)).RejectedTexts["pair-similarity"]);
        // Looser thresholds: the same replies pass, nothing is asked for or measured again.
        var counting = new CountingGenerator(encoder);
        var loose = options with { PairChecks = [new SimilarityGapCheck(counting, margin: -2, floor: -1)], MaxAttempts = 1 };
        var passed = await Synthesis.RunAsync(client, loose, [sentences[0], sentences[2]]);
        Assert.IsTrue(passed.All(o => o is { Example: not null, FromJournal: true }));
        Assert.AreEqual((7, 0), (client.Calls, counting.Calls));
    }

    [TestMethod]
    public async Task The_judge_keeps_what_scores_right_is_journaled_and_asked_again_where_its_answer_is_unreadable()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { PairChecks = [new JudgeCheck()], MaxAttempts = 2 };
        int unreadable = 0;
        var client = new FakeChatClient(r =>
        {
            if (!r.User.TryGetProperty("second", out var second)) return r.GoodAnswer();
            if (Interlocked.Increment(ref unreadable) == 1) return "about three I would say";
            string first = r.User.GetProperty("first").GetString()!;
            bool negative = second.GetString()!.StartsWith("It is not", StringComparison.Ordinal);
            int score = negative ? (first.Contains("number 1 ", StringComparison.Ordinal) ? 4 : 2)
                : first.Contains("number 2 ", StringComparison.Ordinal) ? 1 : 5;
            return JsonSerializer.Serialize(new { score });
        });
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(4));
        CollectionAssert.AreEqual(new[] { null, "negative: pair-judge", "positive: pair-judge", null },
            outcomes.Select(o => o.Why()).ToArray());
        Assert.AreEqual((5.0, 2.0), (outcomes[0].Scores!["judge/positive/0"], outcomes[0].Scores!["judge/negative/0"]));
        int calls = client.Calls;
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((calls, 1L), ((int)report.Requests, report.RejectedTexts["judge-unreadable"]));
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes),
            Synthesis.Lines(await Synthesis.RunAsync(client, options, Synthesis.Sentences(4))));
        Assert.AreEqual(calls, client.Calls);
    }

    [TestMethod]
    public void Scores_of_one_encoder_are_not_taken_for_those_of_another()
    {
        using var one = TinyEncoder.Load(seed: 1);
        using var same = TinyEncoder.Load(seed: 1);
        using var other = TinyEncoder.Load(seed: 2);
        Assert.AreEqual(new SimilarityGapCheck(one).Source, new SimilarityGapCheck(same).Source);
        Assert.AreNotEqual(new SimilarityGapCheck(one).Source, new SimilarityGapCheck(other).Source);
    }

    [TestMethod]
    public void Thresholds_decide_and_are_checked()
    {
        var judge = new JudgeCheck(leastPositive: 4, mostNegative: 2, gap: 2);
        Assert.IsNull(judge.Reject(SynthesisRole.Positive, 4, []));
        Assert.IsNotNull(judge.Reject(SynthesisRole.Positive, 3.9, []));
        Assert.IsNotNull(judge.Reject(SynthesisRole.Positive, double.NaN, []));
        Assert.IsNull(judge.Reject(SynthesisRole.Negative, 2, [4, 5]));
        Assert.IsNotNull(judge.Reject(SynthesisRole.Negative, 2.1, [5]));
        Assert.IsNotNull(judge.Reject(SynthesisRole.Negative, 2, [5, 3]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new JudgeCheck(gap: 6));
        using var encoder = TinyEncoder.Load();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SimilarityGapCheck(encoder, floor: 2));
        var gap = new SimilarityGapCheck(encoder, margin: 0.2, floor: 0.5);
        Assert.IsNull(gap.Reject(SynthesisRole.Negative, 0.4, [0.7, 0.65]));
        Assert.IsNotNull(gap.Reject(SynthesisRole.Negative, 0.4, [0.7, 0.55]));
    }

    internal sealed class Check(Func<string, double> score) : IPairScorer
    {
        public string Name => "own";

        public string Source => "";

        public string Thresholds => "";

        public Func<string?> Verdict { get; init; } = () => null;

        public Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken) => Task.FromResult(score(text));

        public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores) => Verdict();
    }

    private sealed class CountingGenerator(SentenceEncoder inner) : IEmbeddingGenerator<string, Embedding<float>>
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values,
            EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _calls);
            return ((IEmbeddingGenerator<string, Embedding<float>>)inner).GenerateAsync(values, options, cancellationToken);
        }

        public object? GetService(Type serviceType, object? serviceKey = null)
            => ((IEmbeddingGenerator<string, Embedding<float>>)inner).GetService(serviceType, serviceKey);

        public void Dispose()
        {
        }
    }

    [TestMethod]
    public async Task Texts_that_a_check_rejected_count_as_accepted_once_the_check_is_gone()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxAttempts = 1 };
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options with { PairChecks = [new Check(_ => double.NaN)] }, Synthesis.Sentences(3));
        Assert.AreEqual(3, (await Synthesis.ReportAsync(options)).RejectedRequests);
        Assert.IsTrue((await Synthesis.RunAsync(client, options, Synthesis.Sentences(3))).All(o => o.Example is not null));
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((6L, 6L, 0L), (report.Requests, report.AcceptedRequests, report.RejectedRequests));
        Assert.IsEmpty(report.RejectedTexts);
    }

    [TestMethod]
    public async Task A_measure_that_is_no_number_rejects_its_text_even_where_the_check_lets_it_pass()
    {
        var options = new TripletSynthesisOptions
        {
            MaxAttempts = 1,
            PairChecks = [new Check(text => text.Contains("number 1 ", StringComparison.Ordinal) ? double.PositiveInfinity : 1)],
        };
        var outcomes = await Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), options, Synthesis.Sentences(3));
        CollectionAssert.AreEqual(new[] { null, "positive: pair-own", null }, outcomes.Select(o => o.Why()).ToArray());
    }
}
