using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A lazy view that adds the vector column, encoding a batch of rows at a time.</summary>
internal sealed class BatchedEmbeddingView(
    IHost host, IDataView source, DataViewSchema.Column text, DataViewSchema.DetachedColumn vector, Func<IReadOnlyList<string>,
        float[][]> encode) : LookAheadView(source, text, [vector])
{
    /// <inheritdoc/>
    protected override NotSupportedException OnnxError => OnnxRefusal.Embedding();

    /// <inheritdoc/>
    protected override bool Splits => true;

    /// <inheritdoc/>
    protected override LookAheadCursor Wrap(DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text)
        => new BatchedEmbeddingCursor(host, input, bindings, active, text, encode);
}

/// <summary>The cursor of <see cref="BatchedEmbeddingView"/>: when a vector is read, it reads one batch ahead, encodes all its texts
/// in one call, and serves them until the batch is used up.</summary>
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

    public BatchedEmbeddingCursor(
        IHost host, DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text,
        Func<IReadOnlyList<string>, float[][]> encode)
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

/// <summary>Hands a vector to ML.NET in the buffer that the reader brought along.</summary>
internal static class EmbeddingVector
{
    /// <summary>Copies; the buffer's memory is reused where it is large enough.</summary>
    public static void Copy(float[] vector, ref VBuffer<float> target)
    {
        var editor = VBufferEditor.Create(ref target, vector.Length);
        vector.CopyTo(editor.Values);
        target = editor.Commit();
    }
}

/// <summary>The vector column as ML.NET sees it: in a schema's shape, and in the schema itself.</summary>
internal static class EmbeddingSchema
{
    /// <summary>The shape with the vector column added; a column of that name is replaced.</summary>
    public static SchemaShape AddTo(SchemaShape schema, string outputColumn, bool normalized)
    {
        var annotations = normalized
            ? new SchemaShape(
                [new SchemaShape.Column(
                AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false)])
            : null;
        var columns = schema.ToDictionary(c => c.Name);
        columns[outputColumn] =
            new SchemaShape.Column(outputColumn, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, annotations);
        return new SchemaShape(columns.Values);
    }

    /// <summary>The vector column, with its dimension.</summary>
    public static DataViewSchema.DetachedColumn Column(string name, int dimensions, bool normalized)
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, dimensions);
        if (!normalized) return new(name, type);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return new(name, type, annotations.ToAnnotations());
    }
}
