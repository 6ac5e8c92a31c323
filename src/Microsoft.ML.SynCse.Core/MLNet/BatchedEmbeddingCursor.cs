using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>The cursor of <see cref="BatchedEmbeddingView"/>: when a vector is asked for, it reads one batch ahead, encodes all its texts in one call, and serves them until the batch is used up.</summary>
internal sealed class BatchedEmbeddingCursor : LookAheadCursor
{
    // The first batch is small, so that a reader of the first rows (Preview, TakeRows) does not pay for many.
    private const int FirstBatch = 16;
    private const int LargestBatch = 256;

    private readonly IHost _host;
    private readonly Func<IReadOnlyList<string>, float[][]> _encode;
    private readonly Func<string>? _readText;
    private readonly List<string> _texts = [];
    private float[][]? _vectors;
    private int _next = FirstBatch;

    public BatchedEmbeddingCursor(IHost host, DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text, Func<IReadOnlyList<string>, float[][]> encode)
        : base(host, input, bindings, active)
    {
        (_host, _encode) = (host, encode);
        if (AnyAdded) _readText = TextColumns.SingleReader(input, text);
    }

    /// <inheritdoc/>
    protected override int MostRows => LargestBatch;

    /// <inheritdoc/>
    protected override Delegate AddedGetter(int index) => (ValueGetter<VBuffer<float>>)ReadVector;

    private void ReadVector(ref VBuffer<float> value)
    {
        Contracts.Check(IsGood, "the cursor does not stand on a row");
        if (Kept == 0) ReadAhead();
        _vectors ??= Encode();
        EmbeddingVector.Copy(_vectors[_texts.Count - Kept], ref value);
    }

    private void ReadAhead()
    {
        _texts.Clear();
        _vectors = null;
        while (_texts.Count < _next && KeepRow(out _)) _texts.Add(_readText!());
        _next = Math.Min(_next * 4, LargestBatch);
    }

    private float[][] Encode()
    {
        _host.CheckAlive();
        return _encode(_texts);
    }
}
