using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A lazy view that adds the vector column, encoding a batch of rows at a time.</summary>
internal sealed class BatchedEmbeddingView(
    IHost host, IDataView source, DataViewSchema.Column text, DataViewSchema.DetachedColumn vector, Func<IReadOnlyList<string>, float[][]> encode) : LookAheadView(source, text, [vector])
{
    /// <inheritdoc/>
    protected override NotSupportedException OnnxError => OnnxRefusal.Embedding();

    /// <inheritdoc/>
    protected override bool Splits => true;

    /// <inheritdoc/>
    protected override LookAheadCursor Wrap(DataViewRowCursor input, ColumnBindings bindings, bool[] active, DataViewSchema.Column text)
        => new BatchedEmbeddingCursor(host, input, bindings, active, text, encode);
}
