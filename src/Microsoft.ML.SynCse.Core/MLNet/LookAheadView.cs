using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A lazy view that adds columns computed from one text column, several rows at a time.</summary>
/// <remarks>
/// The source is read once, by one cursor, in the order that it gives; so shuffles, parallel cursors, and sources that give other rows each
/// time need no care. It shows itself to ONNX conversion so that a conversion fails: a view that does not would be taken for the data
/// source, and the model lack this step.
/// </remarks>
internal abstract class LookAheadView(IDataView source, DataViewSchema.Column text, DataViewSchema.DetachedColumn[] added)
    : ITransformCanSaveOnnx
{
    private readonly ColumnBindings _bindings = new(source.Schema, added);

    /// <inheritdoc/>
    public DataViewSchema Schema => _bindings.Schema;

    /// <inheritdoc/>
    public IDataView Source => source;

    /// <inheritdoc/>
    public bool CanShuffle => source.CanShuffle;

    /// <summary>The error for an ONNX conversion.</summary>
    protected abstract NotSupportedException OnnxError { get; }

    /// <inheritdoc/>
    public long? GetRowCount() => source.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = Active(columnsNeeded);
        return Wrap(source.GetRowCursor(Inputs(active), rand), active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = Active(columnsNeeded);
        if (n > 1 && AnyAdded(active) && !Splits) return [Wrap(source.GetRowCursor(Inputs(active), rand), active)];
        return Array.ConvertAll(source.GetRowCursorSet(Inputs(active), n, rand), cursor => Wrap(cursor, active));
    }

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw OnnxError;

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw OnnxError;

    void ICanSaveModel.Save(ModelSaveContext ctx)
        => throw new NotSupportedException("A view with SynCse columns cannot be saved as a model; save the transformer that made it.");

    /// <summary>Whether several cursors may share the rows among them where a column of this view is read.</summary>
    protected abstract bool Splits { get; }

    /// <summary>A cursor over one of the source's.</summary>
    protected abstract LookAheadCursor Wrap(DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text);

    private LookAheadCursor Wrap(DataViewRowCursor input, bool[] active) => Wrap(input, _bindings, active, input.Schema[text.Index]);

    private bool AnyAdded(bool[] active) => _bindings.AddedColumnIndices.Any(i => active[i]);

    private bool[] Active(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        var needed = RowCursorUtils.FromColumnsToPredicate(columnsNeeded, Schema);
        return [.. Enumerable.Range(0, Schema.Count).Select(needed)];
    }

    private DataViewSchema.Column[] Inputs(bool[] active)
    {
        bool[] passed = _bindings.GetActiveInput(i => active[i]);
        bool computing = AnyAdded(active);
        return [.. source.Schema.Where(c => passed[c.Index] || (computing && c.Index == text.Index))];
    }
}

/// <summary>A cursor of a <see cref="LookAheadView"/>: it moves the source row by row until a derived cursor needs later rows, and
/// then keeps what the reader may still ask of those.</summary>
/// <remarks>The rows kept are a ring: the current row is the first of them, and the source stands on the last.</remarks>
internal abstract class LookAheadCursor : RootCursorBase
{
    private readonly DataViewRowCursor _input;
    private readonly ColumnBindings _bindings;
    private readonly bool[] _active;
    private readonly ValueGetter<DataViewRowId> _readId;
    private DataViewRowId[] _ids = [];
    private long[] _batches = [];
    private ColumnBuffer?[] _buffers = [];                              // by source column; null for a column that is not read
    private int _first;

    protected LookAheadCursor(IHost host, DataViewRowCursor input, ColumnBindings bindings, bool[] active)
        : base(host)
    {
        (_input, _bindings, _active) = (input, bindings, active);
        _readId = input.GetIdGetter();
        AnyAdded = bindings.AddedColumnIndices.Any(i => active[i]);
        // What ML.NET cannot cache (an image, say) may belong to the row it came with; then rows are served one by one.
        CanLookAhead = AnyAdded && PassedColumns().All(c => DataViewUtils.IsCacheable(c.Type));
    }

    /// <inheritdoc/>
    public override DataViewSchema Schema => _bindings.Schema;

    /// <inheritdoc/>
    public override long Batch => Ahead ? _batches[_first] : _input.Batch;

    /// <summary>Whether a column that the view adds is read.</summary>
    protected bool AnyAdded { get; }

    /// <summary>Whether more than the current row can be kept.</summary>
    protected bool CanLookAhead { get; }

    /// <summary>Rows kept, the current one among them; 0 where nothing was read ahead.</summary>
    protected int Kept { get; private set; }

    /// <summary>The current row's place in the ring; valid while rows are kept.</summary>
    protected int Slot => _first;

    /// <summary>Whether the source has no row after those kept.</summary>
    protected bool SourceEnded { get; private set; }

    /// <summary>The largest number of rows that are kept; read once, when the first row is kept.</summary>
    protected abstract int MostRows { get; }

    private bool Ahead => CanLookAhead && Kept > 0;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        if (Ahead) id = _ids[_first];
        else _readId(ref id);
    };

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Contracts.CheckParam(IsColumnActive(column), nameof(column), "the column was not asked for when the cursor was opened");
        int index = _bindings.MapColumnIndex(out bool passed, column.Index);
        Delegate getter = passed ? PassedGetter<TValue>(index) : AddedGetter(index);
        return getter as ValueGetter<TValue>
            ?? throw Contracts.Except($"Column '{column.Name}' is {column.Type} and is not read as {typeof(TValue)}.");
    }

    /// <summary>Reads a column that the view adds.</summary>
    /// <param name="index">Which of them, from 0.</param>
    protected abstract Delegate AddedGetter(int index);

    /// <summary>Keeps one more row: the current one if none is kept, else the source's next; the source then stands on it.</summary>
    /// <param name="slot">The row's place in the ring.</param>
    /// <returns>False: the source has ended, or there is no room.</returns>
    protected bool KeepRow(out int slot)
    {
        if (_ids.Length == 0) Allocate(CanLookAhead ? MostRows : 1);
        slot = (_first + Kept) % _ids.Length;
        if (Kept == _ids.Length || SourceEnded) return false;
        if (Kept > 0 && !_input.MoveNext())
        {
            SourceEnded = true;
            return false;
        }
        _readId(ref _ids[slot]);
        _batches[slot] = _input.Batch;
        foreach (var buffer in _buffers) buffer?.Capture(slot);
        Kept++;
        return true;
    }

    /// <summary>The id of a row that is kept.</summary>
    protected DataViewRowId IdAt(int slot) => _ids[slot];

    /// <inheritdoc/>
    protected override bool MoveNextCore()
    {
        if (Kept > 0)
        {
            _first = (_first + 1) % _ids.Length;
            Kept--;
        }
        return Kept > 0 || (!SourceEnded && _input.MoveNext());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _input.Dispose();
        base.Dispose(disposing);
    }

    private ValueGetter<TValue> PassedGetter<TValue>(int sourceIndex)
    {
        var direct = _input.GetGetter<TValue>(_input.Schema[sourceIndex]);
        return (ref TValue value) =>
        {
            if (Ahead) ((ColumnBuffer<TValue>)_buffers[sourceIndex]!).CopyTo(_first, ref value);
            else direct(ref value);
        };
    }

    private void Allocate(int rows)
    {
        (_ids, _batches) = (new DataViewRowId[rows], new long[rows]);
        if (!CanLookAhead) return;
        _buffers = new ColumnBuffer?[_input.Schema.Count];
        foreach (var column in PassedColumns()) _buffers[column.Index] = ColumnBuffer.Create(_input, column, rows);
    }

    private IEnumerable<DataViewSchema.Column> PassedColumns()
    {
        bool[] passed = _bindings.GetActiveInput(i => _active[i]);
        return _input.Schema.Where(c => passed[c.Index]);
    }
}

/// <summary>The errors of <c>mlContext.Model.ConvertToOnnx</c> for a chain that contains a step of this library.</summary>
internal static class OnnxRefusal
{
    // The converter walks from the last view to one that is no transform: these are none.
    private const string Held = "one that is cached (mlContext.Data.Cache), or saved and loaded again "
        + "(mlContext.Data.SaveAsBinary, mlContext.Data.LoadFromBinary).";

    /// <summary>The error of an embedding.</summary>
    public static NotSupportedException Embedding() => new(
        "ConvertToOnnx cannot convert a chain that contains a SynCse embedding: its tokenizer has no ONNX operator. "
        + "To use the chain without libtorch, replace the step with mlContext.Model.ToOnnx (package SynCse.Onnx). For one ONNX file of the "
        + "other steps, fit and convert the steps after it on a data view that holds the vectors: " + Held);

    /// <summary>The error of a synthesis.</summary>
    public static NotSupportedException Synthesis() => new(
        "ConvertToOnnx cannot convert a chain that contains SynthesizeTriplets: no ONNX operator asks a language model. "
        + "Fit and convert the steps after it on a data view that holds the texts: " + Held);
}
