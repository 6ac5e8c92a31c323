using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>A lazy view that adds the vector column, encoding a batch of rows at a time.</summary>
/// <remarks>
/// The source is read once, by one cursor, in whatever order it gives; so shuffles, parallel cursors, and sources that give other rows each time need no care.
/// It shows itself to ONNX conversion so that a conversion fails: a view that does not would be taken for the data source, and the model lack this step.
/// </remarks>
internal sealed class BatchedEmbeddingView(
    IHost host, IDataView source, DataViewSchema.Column text, DataViewSchema.DetachedColumn vector, Func<IReadOnlyList<string>, float[][]> encode) : ITransformCanSaveOnnx
{
    private readonly ColumnBindings _bindings = new(source.Schema, [vector]);

    /// <inheritdoc/>
    public DataViewSchema Schema => _bindings.Schema;

    /// <inheritdoc/>
    public IDataView Source => source;

    /// <inheritdoc/>
    public bool CanShuffle => source.CanShuffle;

    /// <inheritdoc/>
    public long? GetRowCount() => source.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        return Wrap(source.GetRowCursor(Inputs(active), rand), active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = Active(columnsNeeded);
        return Array.ConvertAll(source.GetRowCursorSet(Inputs(active), n, rand), cursor => Wrap(cursor, active));
    }

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw OnnxRefusal.Error();

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw OnnxRefusal.Error();

    void ICanSaveModel.Save(ModelSaveContext ctx)
        => throw new NotSupportedException("A view with SynCse vectors cannot be saved as a model; save the transformer that made it.");

    private bool[] Active(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        var needed = RowCursorUtils.FromColumnsToPredicate(columnsNeeded, Schema);
        return [.. Enumerable.Range(0, Schema.Count).Select(needed)];
    }

    private DataViewSchema.Column[] Inputs(bool[] active)
    {
        var passed = _bindings.GetActiveInput(i => active[i]);
        bool encoding = active[_bindings.AddedColumnIndices[0]];
        return [.. source.Schema.Where(c => passed[c.Index] || (encoding && c.Index == text.Index))];
    }

    private BatchedEmbeddingCursor Wrap(DataViewRowCursor input, bool[] active) => new(host, input, _bindings, active, input.Schema[text.Index], encode);
}
