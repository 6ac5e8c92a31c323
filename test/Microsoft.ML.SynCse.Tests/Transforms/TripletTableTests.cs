using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TripletTableTests
{
    private static readonly string[] _names = ["Anchor", "Positive", "Negative", "Genre", "Topic"];
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public async Task Triplets_from_scratch_are_a_data_view()
    {
        var options = new ScratchSynthesisOptions
        {
            Genres = ["news", "letter"],
            Topics = ["rain", "trains", "bread"],
            TopicsPerRequest = 2,
            SentencesPerRequest = 5,
        };
        var view = await _ml.Data.SynthesizeTripletsAsync(Writers.Good(), 12, options);
        CollectionAssert.AreEqual(_names, view.Schema.Select(c => c.Name).ToArray());
        Assert.IsTrue(view.Schema.All(c => c.Type is TextDataViewType));
        Assert.AreEqual(12L, view.GetRowCount());
        foreach (var row in _ml.Data.CreateEnumerable<ScratchRow>(view, false))
        {
            Assert.AreEqual((FakeRequest.Positive(row.Anchor), FakeRequest.Negative(row.Anchor)), (row.Positive, row.Negative));
            CollectionAssert.Contains(options.Genres.ToArray(), row.Genre);
            StringAssert.EndsWith(row.Anchor, row.Genre);
            Assert.HasCount(2, row.Topic.Split(", "));
        }
        // It feeds a training as it is.
        using var encoder = TinyEncoder.Load();
        using var model = _ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Negative",
            new() { Encoder = encoder, Training = new() { BatchSize = 4 } }).Fit(view);
        Assert.AreEqual(TrainingMode.Triplets, model.Training!.Mode);
    }

    [TestMethod]
    public async Task A_shortage_is_a_warning_and_all_results_are_kept()
    {
        var log = new MLLog(_ml);
        var client = new FakeChatClient(request => request.User.TryGetProperty("genre", out _)
            ? """{"sentences":["The rain stopped at noon today","A train leaves for the coast"]}""" : request.GoodAnswer());
        var view = await _ml.Data.SynthesizeTripletsAsync(client, 50);
        Assert.AreEqual(2L, view.GetRowCount());
        StringAssert.Contains(log.Text, "Warning: 2 of 50 triplets: The last 10 lists of 20 sentences brought");
    }

    [TestMethod]
    public async Task Rejected_sentences_are_warned_of()
    {
        var log = new MLLog(_ml);
        var view = await _ml.Data
            .SynthesizeTripletsAsync(Writers.Good(), 10,
                new()
                {
                    SentencesPerRequest = 5,
                    Genres = ["news"],
                    Triplets = new()
                    {
                        PairChecks = [new AnchorCheck("a")],
                        MaxAttempts = 1,
                        MaxConsecutiveRejections = null
                    },
                    MinYield = 0
                }, Deadline());
        Assert.AreEqual(10L, view.GetRowCount());
        StringAssert.Contains(log.Text, "sentences were rejected: positive: pair-anchor (");
    }

    [TestMethod]
    public async Task Bad_options_are_named()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => { _ml.Data.SynthesizeTripletsAsync(Writers.Good(), 0); });
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ArgumentOutOfRangeException>(() => _ml.Data.SynthesizeTripletsAsync(
            Writers.Good(), 1, new() { Triplets = new() { MaxAttempts = 0 } }))).Message, "MaxAttempts");
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ArgumentOutOfRangeException>(
            () => _ml.Data.SynthesizeTripletsAsync(Writers.Good(), 1, new() { MinYield = 2 }))).Message, "MinYield");
    }

    [TestMethod]
    public async Task Cancelling_the_contexts_execution_ends_it()
    {
        var client = new FakeChatClient(async (_, token) =>
        {
            Cancellation.Of(_ml);
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => _ml.Data.SynthesizeTripletsAsync(client, 5));
    }

    [TestMethod]
    public async Task A_journal_is_read_back_in_the_order_of_its_input()
    {
        string journal = _folder.New("journal");
        var rows = OrderRow.Many(50);
        await using (var synthesizer = new TripletSynthesizer(Writers.Good(), new()
        {
            JournalPath = journal,
            PairChecks = [new AnchorCheck("3 days")],
        }))
        {
            await foreach (var _ in synthesizer.SynthesizeAsync(rows.Select(r => r.Text))) { }
        }
        var view = _ml.Data.LoadTriplets(journal);
        CollectionAssert.AreEqual(_names, view.Schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(rows.Where(r => r.Id % 7 != 3).Select(r => r.Text).ToArray(), view.GetColumn<string>("Anchor").ToArray());
        Assert.IsTrue(view.GetColumn<string>("Genre").All(g => g.Length == 0));
    }

    [TestMethod]
    public void A_journal_that_a_shuffled_reading_wrote_is_in_the_order_of_its_input_too()
    {
        string journal = _folder.New("journal");
        var rows = OrderRow.Many(50);
        var source = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(rows));
        using (var transformer = _ml.Transforms.SynthesizeTriplets("Text", Writers.Good(), options: new() { JournalPath = journal })
            .Fit(source))
        {
            var view = transformer.Transform(source);
            using var cursor = view.GetRowCursor(view.Schema, new Random(3));
            var positive = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
            ReadOnlyMemory<char> value = default;
            while (cursor.MoveNext()) positive(ref value);
        }
        CollectionAssert.AreEqual(rows.Select(r => r.Text).ToArray(), _ml.Data.LoadTriplets(journal).GetColumn<string>("Anchor").ToArray());
    }

    [TestMethod]
    public async Task Several_texts_are_vectors_and_none_no_column()
    {
        string journal = _folder.New("journal");
        var client = new FakeChatClient(r => FakeRequest.Json($"Number {r.Number} {FakeRequest.Positive(r.Sentence!)}"));
        await using (var synthesizer = new TripletSynthesizer(client, new()
        {
            JournalPath = journal,
            PositivesPerSentence = 2,
            NegativesPerSentence = 0,
        }))
        {
            await foreach (var _ in synthesizer.SynthesizeAsync(OrderRow.Many(5).Select(r => r.Text))) { }
        }
        var view = _ml.Data.LoadTriplets(journal);
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance, 2), view.Schema["Positive"].Type);
        Assert.IsNull(view.Schema.GetColumnOrNull("Negative"));
        Assert.IsTrue(view.GetColumn<string[]>("Positive").All(p => p.Length == 2));

        await using (var synthesizer = new TripletSynthesizer(Writers.Good(), new() { JournalPath = journal }))
        {
            await foreach (var _ in synthesizer.SynthesizeAsync(["Another order came late"])) { }
        }
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Data.LoadTriplets(journal)).Message,
            "do not all have as many texts");
    }

    [TestMethod]
    public async Task An_empty_journal_is_an_empty_view_and_a_missing_one_an_error()
    {
        string journal = _folder.New("journal");
        await using (var synthesizer = new TripletSynthesizer(Writers.Good(), new() { JournalPath = journal })) await synthesizer
            .GetReportAsync();
        var view = _ml.Data.LoadTriplets(journal);
        Assert.AreEqual(0L, view.GetRowCount());
        CollectionAssert.AreEqual(_names, view.Schema.Select(c => c.Name).ToArray());
        Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Data.LoadTriplets(_folder.New("none")));
        string other = _folder.New("other");
        File.WriteAllText(other, "something else altogether");
        Assert.ThrowsExactly<InvalidDataException>(() => _ml.Data.LoadTriplets(other));
    }

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    private sealed class ScratchRow
    {
        public string Anchor { get; set; } = "";

        public string Positive { get; set; } = "";

        public string Negative { get; set; } = "";

        public string Genre { get; set; } = "";

        public string Topic { get; set; } = "";
    }
}
