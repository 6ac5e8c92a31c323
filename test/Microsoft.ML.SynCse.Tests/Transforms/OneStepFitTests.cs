using Microsoft.Extensions.AI;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class OneStepFitTests
{
    private const int Rows = 60;
    private static readonly OrderRow[] _data = OrderRow.Many(Rows);

    private readonly MLContext _ml = new(seed: 1);
    private readonly SentenceEncoder _start = TinyEncoder.Load();

    [TestCleanup]
    public void DisposeEncoder() => _start.Dispose();

    [TestMethod]
    public void One_Fit_synthesises_checks_holds_out_and_tunes_and_scoring_never_calls_the_client()
    {
        using var folder = new TemporaryFolder();
        var log = new MLLog(_ml);
        var client = Writers.Good();
        using var model = Estimator(client, new() { PairChecks = [new AnchorCheck("number 7 ")] }).Fit(Source());
        Assert.AreEqual((Rows, Rows - 1), (model.Synthesis!.Sentences, model.Synthesis.Accepted));
        Assert.AreEqual(TrainingMode.Triplets, model.Training!.Mode);
        Assert.AreEqual(Rows - 1, model.Training.Examples + model.Training.HeldOutExamples);
        Assert.IsGreaterThan(0, model.Training.HeldOutExamples);
        StringAssert.Contains(log.Text, "Warning: 1 of 60 sentences were rejected and are not trained on: positive: pair-anchor (1).");
        StringAssert.Contains(log.Text, "Training on triplets");

        int calls = client.Calls;
        string path = folder.New("model.zip");
        _ml.Model.Save(model, Source().Schema, path);
        using var loaded = (SynCseEmbeddingTransformer)new MLContext().Model.Load(path, out _);
        float[][] expected = model.Transform(Source()).GetColumn<float[]>("Features").ToArray();
        float[][] actual = loaded.Transform(Source()).GetColumn<float[]>("Features").ToArray();
        for (int i = 0; i < Rows; i++) CollectionAssert.AreEqual(expected[i], actual[i]);
        Assert.AreEqual(model.Synthesis with { RejectedSentences = null!, FaultedRequests = null!, RejectedTexts = null! },
            loaded.Synthesis! with { RejectedSentences = null!, FaultedRequests = null!, RejectedTexts = null! });
        CollectionAssert.AreEquivalent(model.Synthesis.RejectedSentences.ToArray(), loaded.Synthesis!.RejectedSentences.ToArray());
        Assert.AreEqual(calls, client.Calls);
    }

    [TestMethod]
    public void It_trains_on_what_SynthesizeTriplets_would_write()
    {
        using var model = Estimator(Writers.Good()).Fit(Source());
        using var chain = _ml.Transforms.SynthesizeTriplets("Text", Writers.Good())
            .Append(_ml.Transforms.SynCseEmbedding("Features", "Text", "Positive", "Negative", Options())).Fit(Source());
        CollectionAssert.AreEqual(model.Encoder.Encode(["a cat"])[0], chain.LastTransformer.Encoder.Encode(["a cat"])[0]);
        Assert.IsNull(chain.LastTransformer.Synthesis);
    }

    [TestMethod]
    public void Without_hard_negatives_it_trains_on_pairs()
    {
        var client = Writers.Good();
        using var model = Estimator(client, new() { NegativesPerSentence = 0 }).Fit(Source());
        Assert.AreEqual((TrainingMode.Pairs, Rows), (model.Training!.Mode, client.Calls));
    }

    [TestMethod]
    public async Task FitAsync_reports_reading_synthesis_and_training_in_this_order()
    {
        var reports = new List<SynCseProgress>();
        using var model = await Estimator(Writers.Good()).FitAsync(Source(), new Inline<SynCseProgress>(reports.Add));
        CollectionAssert.AreEqual(new[] { SynCseStage.Reading, SynCseStage.Synthesis, SynCseStage.Training },
            reports.Select(r => r.Stage).Distinct().ToArray());
        Assert.AreEqual((Rows, Rows), (reports.Last(r => r.Synthesis is not null).Synthesis!.Done, (long)Rows));
        Assert.IsTrue(reports.All(r => r.Rows == Rows && (r.Synthesis is not null) == (r.Stage == SynCseStage.Synthesis)
            && (r.Training is not null) == (r.Stage == SynCseStage.Training)));
    }

    [TestMethod]
    public void Whatever_cannot_work_is_an_error_before_the_first_request()
    {
        var client = Writers.Good();
        var gone = TinyEncoder.Load();
        gone.Dispose();
        foreach (var (words, options) in new (string, SynCseEmbeddingOptions)[]
        {
            ("BatchSize", new() { Encoder = _start, Training = new() { BatchSize = 1 } }),
            ("MlmWeight", new() { Encoder = _start, Training = new() { MlmWeight = -1 } }),
            ("MaxConcurrency", new() { Encoder = _start, Synthesis = new() { MaxConcurrency = 0 } }),
            ("disposed", new() { Encoder = gone }),
        })
        {
            var error = Assert.Throws<Exception>(() => _ml.Transforms.SynCseEmbedding("Features", "Text", client, options).Fit(Source()));
            StringAssert.Contains(error.Message, words);
        }
        Assert.Throws<Exception>(() => _ml.Transforms.SynCseEmbedding("Features", "Nope", client, Options()).Fit(Source()));
        Assert.ThrowsExactly<InvalidOperationException>(() => Estimator(client).Fit(_ml.Data.LoadFromEnumerable(_data.Take(1))));
        Assert.AreEqual(0, client.Calls);
    }

    [TestMethod]
    public void Fewer_than_two_accepted_are_one_error_with_the_reasons()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Estimator(Writers.Good(), new() { PairChecks = [new AnchorCheck("Order")] }).Fit(Source()));
        StringAssert.Contains(error.Message,
            "None of 60 sentences got texts to train on; training needs at least 2. Rejected: positive: pair-anchor (60).");
    }

    [TestMethod]
    public void An_error_of_the_synthesis_comes_out_of_Fit_as_it_is_and_the_journal_is_gone_on_with()
    {
        using var folder = new TemporaryFolder();
        var options = new TripletSynthesisOptions { JournalPath = folder.New("journal"), Limits = new() { MaxRequests = 30 } };
        var client = Writers.Good();
        Assert.ThrowsExactly<SynthesisStoppedException>(() => Estimator(client, options).Fit(Source()));
        using var model = Estimator(client, options with { Limits = null }).Fit(Source());
        Assert.AreEqual(2 * Rows, client.Calls);
        Assert.AreEqual(2 * Rows, model.Synthesis!.Requests);
    }

    [TestMethod]
    public async Task Cancelling_ends_the_synthesis()
    {
        using var source = new CancellationTokenSource();
        var client = new FakeChatClient(async (_, token) =>
        {
            source.CancelAfter(50);
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => Estimator(client).FitAsync(Source(), cancellationToken: source.Token));
        var hung = new FakeChatClient(async (_, token) =>
        {
            Cancellation.Of(_ml);
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        Assert.Throws<OperationCanceledException>(() => Estimator(hung).Fit(Source()));
    }

    private IDataView Source() => _ml.Data.LoadFromEnumerable(_data);

    private SynCseEmbeddingOptions Options() => new() { Encoder = _start, Training = new() { BatchSize = 16, LearningRate = 1e-3 } };

    private SynCseEmbeddingEstimator Estimator(IChatClient client, TripletSynthesisOptions? synthesis = null)
        => _ml.Transforms.SynCseEmbedding("Features", "Text", client, new()
        {
            Encoder = _start,
            Training = Options().Training,
            Synthesis = synthesis ?? new(),
        });
}
