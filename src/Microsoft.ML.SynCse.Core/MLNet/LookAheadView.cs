using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A lazy view that adds columns computed from one text column, several rows at a time.</summary>
/// <remarks>
/// The source is read once, by one cursor, in whatever order it gives; so shuffles, parallel cursors, and sources that give other rows each time need no care.
/// It shows itself to ONNX conversion so that a conversion fails: a view that does not would be taken for the data source, and the model lack this step.
/// </remarks>
internal abstract class LookAheadView(IDataView source, DataViewSchema.Column text, DataViewSchema.DetachedColumn[] added) : ITransformCanSaveOnnx
{
    private readonly ColumnBindings _bindings = new(source.Schema, added);

    /// <inheritdoc/>
    public DataViewSchema Schema => _bindings.Schema;

    /// <inheritdoc/>
    public IDataView Source => source;

    /// <inheritdoc/>
    public bool CanShuffle => source.CanShuffle;

    /// <summary>What ONNX conversion is told.</summary>
    protected abstract NotSupportedException OnnxError { get; }

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
        var passed = _bindings.GetActiveInput(i => active[i]);
        bool computing = AnyAdded(active);
        return [.. source.Schema.Where(c => passed[c.Index] || (computing && c.Index == text.Index))];
    }
}
