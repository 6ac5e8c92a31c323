using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class BatchedEmbeddingViewTests
{
    private const int Rows = 700;
    private static readonly SentenceRow[] _data = SentenceRow.Many(Rows);
    private static SentenceEncoder _encoder = null!;
    private static float[][] _expected = null!;

    private readonly MLContext _ml = new(seed: 1);

    [ClassInitialize]
    public static void LoadEncoder(TestContext context)
    {
        _encoder = TinyEncoder.Load();
        _expected = _encoder.Encode([.. _data.Select(r => r.Anchor)]);
    }

    [ClassCleanup]
    public static void DisposeEncoder() => _encoder.Dispose();

    [TestMethod]
    public void A_column_nobody_reads_costs_nothing()
    {
        var view = View();
        long before = _encoder.EncodedSentences;
        Assert.AreEqual(Rows, view.GetColumn<int>("Id").Count());
        Assert.AreEqual(Rows, _ml.Data.CreateEnumerable<SentenceRow>(view, false).Count());
        Assert.AreEqual(before, _encoder.EncodedSentences);
    }

    [TestMethod]
    public void Every_row_is_encoded_once_in_a_pass()
    {
        var view = View();
        long before = _encoder.EncodedSentences;
        Check(Read(view), Rows);
        Assert.AreEqual(before + Rows, _encoder.EncodedSentences);
    }

    [TestMethod]
    public void The_first_rows_do_not_cost_a_whole_batch()
    {
        var view = View();
        long before = _encoder.EncodedSentences;
        Check(Read(_ml.Data.TakeRows(view, 3)), 3);
        Assert.IsLessThanOrEqualTo(16, _encoder.EncodedSentences - before);
    }

    [TestMethod]
    public void Columns_that_pass_through_keep_to_their_rows()
    {
        var featurized = _ml.Transforms.Text.FeaturizeText("Words", "Anchor").Fit(Source()).Transform(Source());
        var view = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _encoder).Fit(featurized).Transform(featurized);
        float[][] words = featurized.GetColumn<VBuffer<float>>("Words").Select(v => v.DenseValues().ToArray()).ToArray();
        using var cursor = view.GetRowCursor(view.Schema);
        var (id, anchor, label) =
            (cursor.GetGetter<int>(view.Schema["Id"]), cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Anchor"]),
            cursor.GetGetter<bool>(view.Schema["Label"]));
        var (sparse, vector, rowId) =
            (cursor.GetGetter<VBuffer<float>>(view.Schema["Words"]), cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]),
            cursor.GetIdGetter());
        int i = 0, number = 0;
        bool flag = false;
        ReadOnlyMemory<char> text = default;
        VBuffer<float> a = default, b = default;
        DataViewRowId row = default;
        for (; cursor.MoveNext(); i++)
        {
            if (i % 3 != 0) vector(ref b);                              // values are the same before and after the vector is read
            id(ref number);
            anchor(ref text);
            label(ref flag);
            sparse(ref a);
            rowId(ref row);
            vector(ref b);
            Assert.AreEqual(i, number);
            Assert.AreEqual(i, cursor.Position);
            Assert.AreEqual((ulong)i, row.Low);
            Assert.AreEqual(_data[i].Anchor, text.ToString());
            Assert.AreEqual(_data[i].Label, flag);
            CollectionAssert.AreEqual(words[i], a.DenseValues().ToArray());
            VectorAssert.AreClose(_expected[i], b.DenseValues().ToArray());
        }
        Assert.AreEqual(Rows, i);
    }

    [TestMethod]
    public void A_shuffled_cursor_gives_each_row_its_own_vector()
    {
        var view = View(_ml.Data.Cache(Source()));
        Assert.IsTrue(view.CanShuffle);
        var order = new List<int>();
        using var cursor = view.GetRowCursor([view.Schema["Id"], view.Schema["Features"]], new Random(5));
        var (id, vector) = (cursor.GetGetter<int>(view.Schema["Id"]), cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]));
        int number = 0;
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            id(ref number);
            vector(ref value);
            order.Add(number);
            VectorAssert.AreClose(_expected[number], value.DenseValues().ToArray());
        }
        CollectionAssert.AreEquivalent(Enumerable.Range(0, Rows).ToArray(), order);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, Rows).ToArray(), order);
        Check(Read(_ml.Data.ShuffleRows(View(), seed: 3)), Rows);
    }

    [TestMethod]
    public void Filters_before_and_after_it_keep_rows_and_vectors_together()
    {
        Check(Read(_ml.Data.FilterByCustomPredicate<SentenceRow>(View(), row => row.Id % 3 == 0)), 466);
        Check(Read(View(_ml.Data.FilterByCustomPredicate<SentenceRow>(Source(), row => row.Id % 3 == 0))), 466);
        Check(Read(_ml.Data.TakeRows(_ml.Data.SkipRows(View(), 400), 30)), 30);
    }

    [TestMethod]
    public void Parallel_cursors_share_the_rows_among_them()
    {
        var view = View(_ml.Data.Cache(Source()));
        var cursors = view.GetRowCursorSet([view.Schema["Id"], view.Schema["Features"]], 4);
        Assert.HasCount(4, cursors);
        var found = new System.Collections.Concurrent.ConcurrentDictionary<int, float[]>();
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                var (id, vector) = (cursor.GetGetter<int>(view.Schema["Id"]), cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]));
                int number = 0;
                VBuffer<float> value = default;
                while (cursor.MoveNext())
                {
                    id(ref number);
                    vector(ref value);
                    Assert.IsTrue(found.TryAdd(number, value.DenseValues().ToArray()));
                }
            }
        });
        Check(found.Select(f => new VectorRow { Id = f.Key, Features = f.Value }), Rows);
    }

    [TestMethod]
    public void A_stock_step_over_it_reads_in_parallel_and_in_order()
    {
        var view = View(_ml.Data.Cache(Source()));
        var after = _ml.Transforms.NormalizeLpNorm("Unit", "Features").Fit(view).Transform(view);
        Check(Read(after), Rows);
        Assert.AreEqual(Rows, after.GetColumn<float[]>("Unit").Count(v => Math.Abs(v.Sum(x => x * x) - 1) < 1e-4));
    }

    [TestMethod]
    public void A_source_that_can_be_read_only_once_is_read_once()
    {
        int readings = 0;
        IEnumerable<SentenceRow> Stream()
        {
            Assert.AreEqual(1, Interlocked.Increment(ref readings), "the source was read a second time");
            foreach (var row in _data) yield return row;
        }

        Check(Read(View(_ml.Data.LoadFromEnumerable(Stream()))), Rows);
    }

    [TestMethod]
    public void A_column_that_cannot_be_buffered_still_passes_through()
    {
        var source = _ml.Data.LoadFromEnumerable(
            _data.Take(40).Select(r => new ThingRow { Id = r.Id, Anchor = r.Anchor, Thing = new Thing(r.Id) }));
        var view = View(source);
        var rows = _ml.Data.CreateEnumerable<ThingVectorRow>(view, false).ToArray();
        Assert.HasCount(40, rows);
        foreach (var row in rows)
        {
            Assert.AreEqual(row.Id, row.Thing!.Number);
            VectorAssert.AreClose(_expected[row.Id], row.Features);
        }
    }

    [TestMethod]
    public void A_view_of_a_disposed_encoder_says_so()
    {
        var encoder = TinyEncoder.Load();
        var view = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(Source()).Transform(Source());
        encoder.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => view.GetColumn<float[]>("Features").First());
    }

    [TestMethod]
    public void A_column_that_was_not_asked_for_cannot_be_read()
    {
        var view = View();
        using var cursor = view.GetRowCursor([view.Schema["Id"]]);
        Assert.IsFalse(cursor.IsColumnActive(view.Schema["Features"]));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]));
        StringAssert.Contains(error.Message, "not asked for");
    }

    [TestMethod]
    public void A_cancelled_context_ends_a_pass()
    {
        var view = View();
        using var cursor = view.GetRowCursor([view.Schema["Features"]]);
        var vector = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
        VBuffer<float> value = default;
        Assert.IsTrue(cursor.MoveNext());
        vector(ref value);
        Cancellation.Of(_ml);
        Assert.ThrowsExactly<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext()) vector(ref value);
        });
    }

    private IDataView Source() => _ml.Data.LoadFromEnumerable(_data);

    private IDataView View(IDataView? source = null)
    {
        source ??= Source();
        return _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _encoder).Fit(source).Transform(source);
    }

    private IEnumerable<VectorRow> Read(IDataView view) => _ml.Data.CreateEnumerable<VectorRow>(view, reuseRowObject: false);

    private static void Check(IEnumerable<VectorRow> rows, int count)
    {
        var seen = rows.ToArray();
        Assert.HasCount(count, seen);
        Assert.HasCount(count, seen.Select(r => r.Id).Distinct().ToArray());
        foreach (var row in seen) VectorAssert.AreClose(_expected[row.Id], row.Features);
    }
}
