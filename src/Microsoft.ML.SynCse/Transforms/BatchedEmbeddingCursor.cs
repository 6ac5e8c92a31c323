using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>The cursor of <see cref="BatchedEmbeddingView"/>.</summary>
/// <remarks>
/// It moves the source row by row until a vector is asked for. Then it reads one batch ahead, keeps what the reader may still ask of those rows,
/// encodes all their texts in one call, and serves them from memory until the batch is used up.
/// </remarks>
internal sealed class BatchedEmbeddingCursor : RootCursorBase
{
    // The first batch is small, so that a reader of the first rows (Preview, TakeRows) does not pay for many.
    private const int FirstBatch = 16;
    private const int LargestBatch = 256;

    private readonly IHost _host;
    private readonly DataViewRowCursor _input;
    private readonly ColumnBindings _bindings;
    private readonly bool[] _active;
    private readonly Func<IReadOnlyList<string>, float[][]> _encode;
    private readonly Func<string>? _readText;
    private readonly ValueGetter<DataViewRowId> _readId;
    private readonly bool _canLookAhead;

    private readonly List<string> _texts = [];
    private readonly List<DataViewRowId> _ids = [];
    private readonly List<long> _batches = [];
    private ColumnBuffer?[]? _buffers;                                  // by source column; null where nobody asked for it
    private float[][]? _vectors;
    private int _index;                                                 // the current row within the batch
    private int _next = FirstBatch;
    private bool _sourceEnded;

    public BatchedEmbeddingCursor(IHost host, DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text, Func<IReadOnlyList<string>, float[][]> encode)
        : base(host)
    {
        (_host, _input, _bindings, _active, _encode) = (host, input, bindings, active, encode);
        _readId = input.GetIdGetter();
        if (!active[bindings.AddedColumnIndices[0]]) return;
        _readText = TextColumns.SingleReader(input, text);
        // What ML.NET cannot cache (an image, say) may belong to the row it came with; then rows are encoded one by one.
        _canLookAhead = PassedColumns().All(c => DataViewUtils.IsCacheable(c.Type));
    }

    /// <inheritdoc/>
    public override DataViewSchema Schema => _bindings.Schema;

    /// <inheritdoc/>
    public override long Batch => Ahead ? _batches[_index] : _input.Batch;

    private bool Ahead => _canLookAhead && _texts.Count > 0;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        if (Ahead) id = _ids[_index];
        else _readId(ref id);
    };

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Contracts.CheckParam(IsColumnActive(column), nameof(column), "the column was not asked for when the cursor was opened");
        int index = _bindings.MapColumnIndex(out bool passed, column.Index);
        Delegate getter = passed ? PassedGetter<TValue>(index) : (ValueGetter<VBuffer<float>>)ReadVector;
        return getter as ValueGetter<TValue> ?? throw Contracts.Except($"Column '{column.Name}' is {column.Type} and is not read as {typeof(TValue)}.");
    }

    /// <inheritdoc/>
    protected override bool MoveNextCore()
    {
        if (_index + 1 < _texts.Count)
        {
            _index++;
            return true;
        }
        _texts.Clear();
        (_index, _vectors) = (0, null);
        return !_sourceEnded && _input.MoveNext();
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
            if (Ahead) ((ColumnBuffer<TValue>)_buffers![sourceIndex]!).CopyTo(_index, ref value);
            else direct(ref value);
        };
    }

    private void ReadVector(ref VBuffer<float> value)
    {
        Contracts.Check(IsGood, "the cursor does not stand on a row");
        if (_texts.Count == 0) ReadAhead();
        _vectors ??= Encode();
        EmbeddingVector.Copy(_vectors[_index], ref value);
    }

    private void ReadAhead()
    {
        int rows = _canLookAhead ? _next : 1;
        _next = Math.Min(_next * 4, LargestBatch);
        _ids.Clear();
        _batches.Clear();
        _buffers ??= MakeBuffers();
        do
        {
            _ids.Add(default);
            _readId(ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids)[^1]);
            _batches.Add(_input.Batch);
            foreach (var buffer in _buffers) buffer?.Capture(_texts.Count);
            _texts.Add(_readText!());
        }
        while (_texts.Count < rows && !(_sourceEnded = !_input.MoveNext()));
    }

    private float[][] Encode()
    {
        _host.CheckAlive();
        return _encode(_texts);
    }

    private ColumnBuffer?[] MakeBuffers()
    {
        var buffers = new ColumnBuffer?[_input.Schema.Count];
        if (!_canLookAhead) return buffers;
        foreach (var column in PassedColumns()) buffers[column.Index] = ColumnBuffer.Create(_input, column, LargestBatch);
        return buffers;
    }

    private IEnumerable<DataViewSchema.Column> PassedColumns()
    {
        var passed = _bindings.GetActiveInput(i => _active[i]);
        return _input.Schema.Where(c => passed[c.Index]);
    }
}
