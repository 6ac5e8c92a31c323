using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What ML.NET expects of every estimator and transformer, asked of each of ours: what is promised is what comes, and nothing is
/// computed or read that nobody asked for.</summary>
[TestClass]
public sealed class TransformerContractTests
{
    private const int Rows = 300;
    private static readonly SentenceRow[] _data = SentenceRow.Many(Rows);

    private readonly MLContext _ml = new(seed: 1);
    private readonly SentenceEncoder _encoder = TinyEncoder.Load(normalize: true);
    private readonly List<IDisposable> _made = [];

    public static IEnumerable<object[]> Kinds => [["applied"], ["tuned"], ["synthesised"]];

    [TestCleanup]
    public void Clean()
    {
        _made.ForEach(m => m.Dispose());
        _encoder.Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void The_promised_schema_is_the_one_that_comes(string kind)
    {
        var (estimator, added) = Make(kind);
        var promised = estimator.GetOutputSchema(ShapeOf(View()));
        var transformer = Fit(estimator);
        var view = transformer.Transform(View());
        foreach (var schema in new[] { view.Schema, transformer.GetOutputSchema(View().Schema),
            transformer.GetRowToRowMapper(View().Schema).OutputSchema })
        {
            CollectionAssert.AreEquivalent(promised.Select(c => c.Name).ToArray(), schema.Select(c => c.Name).ToArray());
            foreach (string name in added)
            {
                var (column, shape) = (schema[name], promised.Single(c => c.Name == name));
                var vector = column.Type as VectorDataViewType;
                Assert.AreEqual(shape.Kind, vector is null ? SchemaShape.Column.VectorKind.Scalar : vector.IsKnownSize
                    ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector);
                Assert.AreEqual(shape.ItemType, vector?.ItemType ?? column.Type);
                CollectionAssert.AreEquivalent(shape.Annotations.Select(a => a.Name).ToArray(),
                    column.Annotations.Schema.Select(a => a.Name).ToArray());
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Other_columns_are_passed_on_and_one_of_the_outputs_name_is_hidden(string kind)
    {
        var (estimator, added) = Make(kind);
        var transformer = Fit(estimator);
        var input = _ml.Transforms.CopyColumns(added[0], "Id").Fit(View()).Transform(View());
        var view = transformer.Transform(input);
        foreach (string? name in new[] { "Id", "Anchor", "Label" }) Assert.AreEqual(input.Schema[name].Type, view.Schema[name].Type);
        Assert.AreEqual(2, view.Schema.Count(c => c.Name == added[0]));
        Assert.AreEqual(1, view.Schema.Count(c => c.Name == added[0] && !c.IsHidden));
        Assert.AreNotEqual(NumberDataViewType.Int32, view.Schema[added[0]].Type);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void No_rows_give_no_rows(string kind)
    {
        var (estimator, added) = Make(kind);
        var transformer = Fit(estimator);
        var view = transformer.Transform(_ml.Data.LoadFromEnumerable(Array.Empty<SentenceRow>()));
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.IsFalse(cursor.MoveNext());
        Assert.IsNotNull(view.Schema.GetColumnOrNull(added[0]));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Rows_are_the_same_in_every_order_and_by_every_number_of_cursors(string kind)
    {
        var (estimator, added) = Make(kind);
        var view = Fit(estimator).Transform(_ml.Data.Cache(View()));
        var inOrder = Read([view.GetRowCursor(view.Schema)], added[0]);
        Assert.HasCount(Rows, inOrder);
        Assert.IsTrue(view.CanShuffle);
        var shuffled = Read([view.GetRowCursor(view.Schema, new Random(5))], added[0]);
        CollectionAssert.AreNotEqual(inOrder.Keys.ToArray(), shuffled.Keys.ToArray());
        Same(inOrder, shuffled);
        Same(inOrder, Read(view.GetRowCursorSet(view.Schema, 3), added[0]));
        Same(inOrder, Read(view.GetRowCursorSet(view.Schema, 3, new Random(7)), added[0]));
        // Two readers at a time do not disturb each other.
        using var first = view.GetRowCursor(view.Schema);
        Assert.IsTrue(first.MoveNext());
        Same(inOrder, Read([view.GetRowCursor(view.Schema)], added[0]));
        Assert.AreEqual(0, first.Position);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void A_mapped_row_is_the_views_row_and_depends_on_the_input_alone(string kind)
    {
        var (estimator, added) = Make(kind);
        var transformer = Fit(estimator);
        var source = View();
        var view = transformer.Transform(source);
        var expected = Read([view.GetRowCursor(view.Schema)], added[0]);
        var mapper = transformer.GetRowToRowMapper(source.Schema);
        CollectionAssert.AreEqual(new[] { "Anchor" }, mapper.GetDependencies([mapper.OutputSchema[added[0]]]).Select(c => c.Name)
            .ToArray());
        Assert.IsEmpty(mapper.GetDependencies([]).ToArray());
        CollectionAssert.AreEqual(new[] { "Id" }, mapper.GetDependencies([mapper.OutputSchema["Id"]]).Select(c => c.Name).ToArray());
        using var input = source.GetRowCursor(source.Schema);
        using var row = mapper.GetRow(input, mapper.OutputSchema);
        var (id, read) = (row.GetGetter<int>(row.Schema["Id"]), Value(row, added[0]));
        for (int i = 0; i < 5 && input.MoveNext(); i++)
        {
            int number = 0;
            id(ref number);
            AreClose(expected[number], read());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Columns_that_nobody_asked_for_are_not_computed_and_not_given(string kind)
    {
        var (estimator, added) = Make(kind);
        var view = Fit(estimator).Transform(View());
        long before = _encoder.EncodedSentences;
        using var cursor = view.GetRowCursor([view.Schema["Id"]]);
        Assert.IsTrue(cursor.IsColumnActive(view.Schema["Id"]));
        foreach (string? column in new[] { added[0], "Anchor" })
        {
            Assert.IsFalse(cursor.IsColumnActive(view.Schema[column]));
            Assert.Throws<Exception>(() => Value(cursor, column));
        }
        while (cursor.MoveNext()) { }
        Assert.AreEqual(Rows, view.GetRowCount() ?? Rows);
        Assert.AreEqual(before, _encoder.EncodedSentences);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void A_null_or_a_getter_of_another_type_is_refused(string kind)
    {
        var (estimator, added) = Make(kind);
        var transformer = Fit(estimator);
        Assert.Throws<ArgumentNullException>(() => estimator.Fit(null!));
        Assert.Throws<ArgumentNullException>(() => estimator.GetOutputSchema(null!));
        Assert.Throws<ArgumentNullException>(() => transformer.Transform(null!));
        Assert.Throws<Exception>(() => transformer.GetOutputSchema(null!));
        var view = transformer.Transform(View());
        using var cursor = view.GetRowCursor(view.Schema);
        StringAssert.Contains(Assert.Throws<Exception>(() => cursor.GetGetter<double>(view.Schema[added[0]])).Message, added[0]);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void A_missing_text_is_an_empty_one(string kind)
    {
        var (estimator, added) = Make(kind);
        var transformer = Fit(estimator);
        IDataView Of(string? text) => _ml.Data.LoadFromEnumerable(new[] { new SentenceRow { Anchor = text! } });
        object First(IDataView view) => Read([view.GetRowCursor(view.Schema)], added[0]).Values.Single();
        AreClose(First(transformer.Transform(Of(""))), First(transformer.Transform(Of(null))));
    }

    private static void Same(RowsInOrder expected, RowsInOrder actual)
    {
        Assert.HasCount(expected.Count, actual);
        foreach (var (id, value) in expected) AreClose(value, actual[id]);
    }

    private static void AreClose(object expected, object actual)
    {
        if (expected is float[] vector) VectorAssert.AreClose(vector, (float[])actual);
        else Assert.AreEqual(expected, actual);
    }

    private static RowsInOrder Read(DataViewRowCursor[] cursors, string column)
    {
        RowsInOrder rows = [];
        foreach (var cursor in cursors)
        {
            using (cursor)
            {
                var (id, read) = (cursor.GetGetter<int>(cursor.Schema["Id"]), Value(cursor, column));
                int number = 0;
                while (cursor.MoveNext())
                {
                    id(ref number);
                    rows.Add(number, read());
                }
            }
        }
        return rows;
    }

    private static Func<object> Value(DataViewRow row, string name)
    {
        if (row.Schema[name].Type is TextDataViewType)
        {
            var text = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[name]);
            ReadOnlyMemory<char> value = default;
            return () =>
            {
                text(ref value);
                return value.ToString();
            };
        }
        var getter = row.GetGetter<VBuffer<float>>(row.Schema[name]);
        VBuffer<float> vector = default;
        return () =>
        {
            getter(ref vector);
            return vector.DenseValues().ToArray();
        };
    }

    // ML.NET makes a schema's shape in its chains alone; what reaches a chain's second step is kept here.
    private SchemaShape ShapeOf(IDataView data)
    {
        var witness = new Witness();
        _ml.Transforms.CopyColumns("Unused", "Id").Append(witness).Fit(data);
        return new SchemaShape(witness.Seen!.Where(c => c.Name != "Unused"));
    }

    private ITransformer Fit(IEstimator<ITransformer> estimator)
    {
        var transformer = estimator.Fit(View());
        if (transformer is IDisposable disposable) _made.Add(disposable);
        return transformer;
    }

    private (IEstimator<ITransformer> Estimator, string[] Added) Make(string kind) => kind switch
    {
        "applied" => (Loosely(_ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _encoder)), ["Features"]),
        "tuned" => (Loosely(_ml.Transforms.SynCseEmbedding("Features", "Anchor", "Positive",
            options: new() { Encoder = _encoder, Training = new() { BatchSize = 100, ValidationFraction = 0, Pooling = Pooling.Mean } })),
            ["Features"]),
        _ => (Loosely(_ml.Transforms.SynthesizeTriplets("P", "N", "Anchor", Writers.Good())), ["P", "N"]),
    };

    private static Loose<T> Loosely<T>(IEstimator<T> estimator)
        where T : class, ITransformer => new(estimator);

    private IDataView View() => _ml.Data.LoadFromEnumerable(_data);

    private sealed class RowsInOrder : OrderedDictionary<int, object>;

    private sealed class Loose<T>(IEstimator<T> estimator) : IEstimator<ITransformer>
        where T : class, ITransformer
    {
        public ITransformer Fit(IDataView input) => estimator.Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => estimator.GetOutputSchema(inputSchema);
    }

    private sealed class Witness : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public ITransformer Fit(IDataView input) => new MLContext().Transforms.SelectColumns("Id").Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
    }
}
