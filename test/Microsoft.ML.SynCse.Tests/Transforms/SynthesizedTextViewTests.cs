using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed partial class SynthesizedTextViewTests
{
    private const int Rows = 600;
    private static readonly OrderRow[] _data = OrderRow.Many(Rows);

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<TripletSynthesisTransformer> _made = [];

    [TestCleanup]
    public void DisposeTransformers() => _made.ForEach(t => t.Dispose());

    [TestMethod]
    public void Every_row_gets_its_texts_in_order_and_each_is_asked_for_once()
    {
        var client = Writers.Good();
        Check(Read(View(client)), Rows);
        Assert.AreEqual(2 * Rows, client.Calls);
    }

    [TestMethod]
    public void Columns_that_are_not_read_cost_nothing()
    {
        var client = Writers.Good();
        var view = View(client);
        Assert.AreEqual(Rows, view.GetColumn<int>("Id").Count());
        using (var cursor = view.GetRowCursor(view.Schema))             // asked for and not read
        {
            cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
            while (cursor.MoveNext()) { }
        }
        Assert.AreEqual(0, client.Calls);
        Assert.AreEqual(Rows, view.GetColumn<string>("Negative").Count());
        Assert.AreEqual(2 * Rows, client.Calls);
    }

    [TestMethod]
    public async Task Fit_and_Transform_open_no_journal_and_send_nothing()
    {
        using var folder = new TemporaryFolder();
        var client = Writers.Good();
        string path = folder.New("journal");
        var transformer = Fit(client, new() { JournalPath = path });
        transformer.Transform(Source());
        Assert.IsFalse(File.Exists(path));
        Assert.AreEqual(0, client.Calls);
        Assert.AreEqual(0, (await transformer.GetReportAsync()).Requests);
    }

    [TestMethod]
    public void Reading_again_shuffled_cached_previewed_or_in_parallel_asks_for_nothing_again()
    {
        var client = Writers.Good();
        var view = View(client, source: _ml.Data.Cache(Source()));
        Check(Read(view), Rows);
        Check(Read(view), Rows);
        Check(Read(_ml.Data.ShuffleRows(view, seed: 3)), Rows);
        Check(Read(_ml.Data.Cache(view)), Rows);
        Assert.HasCount(100, view.Preview(100).RowView);
        using (var cursor = view.GetRowCursor(view.Schema, new Random(5)))
        {
            var rows = new List<SynthesizedRow>();
            Collect(cursor, rows);
            CollectionAssert.AreNotEqual(Enumerable.Range(0, Rows).ToArray(), rows.Select(r => r.Id).ToArray());
            Check(rows, Rows);
        }
        var found = new List<SynthesizedRow>();
        Parallel.ForEach(view.GetRowCursorSet(view.Schema, 4), cursor =>
        {
            using (cursor) Collect(cursor, found);
        });
        Check(found, Rows);
        Assert.AreEqual(2 * Rows, client.Calls);
    }

    [TestMethod]
    public void Cursors_at_the_same_time_ask_for_a_sentence_once()
    {
        var client = Writers.Good(delay: 1);
        var view = View(client);
        Parallel.For(0, 4, _ => Check(Read(view), Rows));
        Assert.AreEqual(2 * Rows, client.Calls);
    }

    [TestMethod]
    public void The_allowed_number_of_requests_is_under_way()
    {
        // Nothing is answered before six requests are under way.
        var six = new TaskCompletionSource();
        var client = new FakeChatClient(async (request, token) =>
        {
            if (request.Number == 5) six.SetResult();
            await six.Task.WaitAsync(token);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        Check(Read(View(client, new() { MaxConcurrency = 6 })), Rows);
        Assert.AreEqual(6, client.MostAtATime);
    }

    [TestMethod]
    public void The_first_rows_do_not_cost_a_whole_window()
    {
        var client = Writers.Good();
        Check(Read(_ml.Data.TakeRows(View(client), 3)), 3);
        Assert.IsLessThanOrEqualTo(2 * 8, client.Calls);
    }

    [TestMethod]
    public void Columns_that_pass_through_keep_to_their_rows()
    {
        var client = Writers.Good();
        var source = _ml.Transforms.Text.FeaturizeText("Words", "Text").Fit(Source()).Transform(Source());
        float[][] words = source.GetColumn<VBuffer<float>>("Words").Select(v => v.DenseValues().ToArray()).ToArray();
        var view = Fit(client).Transform(source);
        using var cursor = view.GetRowCursor(view.Schema);
        var (id, text, positive) = (cursor.GetGetter<int>(view.Schema["Id"]), cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Text"]),
            cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]));
        var (sparse, rowId) = (cursor.GetGetter<VBuffer<float>>(view.Schema["Words"]), cursor.GetIdGetter());
        (int number, ReadOnlyMemory<char> a, ReadOnlyMemory<char> b, VBuffer<float> vector, DataViewRowId row) =
            (0, default, default, default, default);
        int i = 0;
        for (; cursor.MoveNext(); i++)
        {
            if (i % 3 != 0) positive(ref b);                            // values are the same before and after a text is read
            id(ref number);
            text(ref a);
            sparse(ref vector);
            rowId(ref row);
            positive(ref b);
            Assert.AreEqual((i, (long)i, (ulong)i), (number, cursor.Position, row.Low));
            Assert.AreEqual(_data[i].Text, a.ToString());
            Assert.AreEqual(FakeRequest.Positive(_data[i].Text), b.ToString());
            CollectionAssert.AreEqual(words[i], vector.DenseValues().ToArray());
        }
        Assert.AreEqual(Rows, i);
    }

    [TestMethod]
    public void Rows_that_are_passed_over_between_readings_do_not_shift_the_texts()
    {
        var view = View(Writers.Good());
        using var cursor = view.GetRowCursor(view.Schema);
        var negative = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Negative"]);
        ReadOnlyMemory<char> value = default;
        for (int i = 0; cursor.MoveNext(); i++)
        {
            if (i % 97 != 5) continue;
            negative(ref value);
            Assert.AreEqual(FakeRequest.Negative(_data[i].Text), value.ToString());
        }
    }

    [TestMethod]
    public void Several_sentences_go_into_a_request_by_their_place()
    {
        var client = Writers.Good();
        var options = new TripletSynthesisOptions { SentencesPerRequest = 7, OneRequestPerSentence = true };
        Check(Read(View(client, options)), Rows);
        Assert.AreEqual((Rows + 6) / 7, client.Calls);
        string[][] groups = client.Requests.Select(r => r.Sentences).OrderBy(g => Array.FindIndex(_data, d => d.Text == g[0])).ToArray();
        CollectionAssert.AreEqual(_data.Take(7).Select(d => d.Text).ToArray(), groups[0]);
        CollectionAssert.AreEqual(_data.Skip(595).Select(d => d.Text).ToArray(), groups[^1]);
    }

    [TestMethod]
    public void Several_texts_a_sentence_are_a_vector_and_none_no_column()
    {
        var client = new FakeChatClient(r => FakeRequest
            .Json($"Number {r.Number} {(r.IsNegative ? FakeRequest.Negative(r.Sentence!) : FakeRequest.Positive(r.Sentence!))}"));
        var estimator = _ml.Transforms.SynthesizeTriplets("P", "N", "Text", client, new()
        {
            PositivesPerSentence = 3,
            NegativesPerSentence = 0,
        });
        using (estimator.Append(_ml.Transforms.CopyColumns("Copy", "P")).Fit(Source())) { }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Append(_ml.Transforms.CopyColumns("Copy", "N")).Fit(Source()));
        var transformer = estimator.Fit(Source());
        _made.Add(transformer);
        var view = transformer.Transform(Source());
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance, 3), view.Schema["P"].Type);
        Assert.IsNull(view.Schema.GetColumnOrNull("N"));
        Assert.IsTrue(view.GetColumn<string[]>("P").Take(20).All(texts => texts.Length == 3 && texts.Distinct().Count() == 3));
    }

    [TestMethod]
    public void The_folds_of_a_cross_validation_share_the_journal()
    {
        var client = Writers.Good();
        var pipeline = _ml.Transforms.SynthesizeTriplets("Text", client).Append(_ml.Transforms.Text.FeaturizeText("Features", "Positive"))
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression());
        var folds = _ml.BinaryClassification.CrossValidate(Source(), pipeline, numberOfFolds: 3);
        Assert.AreEqual(2 * Rows, client.Calls);
        string journal = JournalOf(((IEnumerable<ITransformer>)folds[0].Model).OfType<TripletSynthesisTransformer>().Single());
        Assert.IsTrue(File.Exists(journal));
        foreach (var fold in folds) ((IDisposable)fold.Model).Dispose();
        Assert.IsFalse(File.Exists(journal));
    }

    [TestMethod]
    public void A_column_that_cannot_be_buffered_still_passes_through()
    {
        var source = _ml.Data.LoadFromEnumerable(_data.Take(20).Select(r => new ThingRow
        {
            Id = r.Id,
            Anchor = r.Text,
            Thing = new Thing(r.Id),
        }));
        var transformer = _ml.Transforms.SynthesizeTriplets("P", "N", "Anchor", Writers.Good(),
            new() { SentencesPerRequest = 4, OneRequestPerSentence = true }).Fit(source);
        _made.Add(transformer);
        var view = transformer.Transform(source);
        string[] texts = view.GetColumn<string>("P").ToArray();
        using var cursor = view.GetRowCursor(view.Schema);
        var (positive, thing) = (cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["P"]), cursor.GetGetter<Thing>(view.Schema["Thing"]));
        (ReadOnlyMemory<char> value, Thing? held) = (default, null);
        int i = 0;
        for (; cursor.MoveNext(); i++)
        {
            positive(ref value);
            thing(ref held!);
            Assert.AreEqual((FakeRequest.Positive(_data[i].Text), texts[i], i), (value.ToString(), texts[i], held.Number));
        }
        Assert.AreEqual(20, i);
    }

    [TestMethod]
    public void Columns_and_options_that_do_not_suit_are_named()
    {
        var client = Writers.Good();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.SynthesizeTriplets("Nope", client).Fit(Source())).Message, "Could not find input column 'Nope'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.SynthesizeTriplets("Id", client).Fit(Source())).Message, "expected Text");
        StringAssert.Contains(Assert
            .ThrowsExactly<ArgumentException>(() => _ml.Transforms.SynthesizeTriplets("A", "A", "Text", client)).Message, "'A'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.SynthesizeTriplets("Text", client, options: new() { MaxAttempts = 0 })).Message, "MaxAttempts");
    }

    [TestMethod]
    public void A_reading_thread_with_a_synchronization_context_does_not_wait_for_itself()
    {
        var view = View(Writers.Good(delay: 1));
        int rows = 0;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRuns());
            rows = Read(_ml.Data.TakeRows(view, 20)).Count();
        });
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(20, rows);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private string Forget()
    {
        string journal = JournalOf(_ml.Transforms.SynthesizeTriplets("Text", Writers.Good()).Fit(Source()));
        Assert.IsTrue(File.Exists(journal));
        return journal;
    }

    private static string JournalOf(TripletSynthesisTransformer transformer)
    {
        var (pass, engine) = transformer.Begin();
        pass.Dispose();
        return engine.Journal.Path;
    }

    private static void Collect(DataViewRowCursor cursor, List<SynthesizedRow> rows)
    {
        var schema = cursor.Schema;
        var (id, text) = (cursor.GetGetter<int>(schema["Id"]), cursor.GetGetter<ReadOnlyMemory<char>>(schema["Text"]));
        var (positive, negative) = (cursor.GetGetter<ReadOnlyMemory<char>>(schema["Positive"]),
            cursor.GetGetter<ReadOnlyMemory<char>>(schema["Negative"]));
        (int number, ReadOnlyMemory<char> a, ReadOnlyMemory<char> p, ReadOnlyMemory<char> n) = (0, default, default, default);
        while (cursor.MoveNext())
        {
            id(ref number);
            text(ref a);
            positive(ref p);
            negative(ref n);
            lock (rows) rows.Add(new SynthesizedRow { Id = number, Text = a.ToString(), Positive = p.ToString(), Negative = n.ToString() });
        }
    }

    private static void Check(IEnumerable<SynthesizedRow> rows, int count)
    {
        var seen = rows.ToArray();
        Assert.HasCount(count, seen.Select(r => r.Id).Distinct().ToArray());
        foreach (var row in seen)
            Assert.AreEqual((_data[row.Id].Text, FakeRequest.Positive(_data[row.Id].Text), FakeRequest.Negative(_data[row.Id].Text)),
                (row.Text, row.Positive, row.Negative));
    }

    private IDataView Source() => _ml.Data.LoadFromEnumerable(_data);

    private IEnumerable<SynthesizedRow> Read(IDataView view) => _ml.Data.CreateEnumerable<SynthesizedRow>(view, reuseRowObject: false);

    private TripletSynthesisTransformer Fit(FakeChatClient client, TripletSynthesisOptions? options = null)
    {
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", client, options: options).Fit(Source());
        _made.Add(transformer);
        return transformer;
    }

    private IDataView View(FakeChatClient client, TripletSynthesisOptions? options = null, IDataView? source = null)
        => Fit(client, options).Transform(source ?? Source());

    /// <summary>A window's message loop that is busy with the reading.</summary>
    private sealed class NeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
