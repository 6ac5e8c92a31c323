using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A buffer of vectors; the reader gets a copy, because the buffer's own memory is filled again.</summary>
internal sealed class VectorColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer<VBuffer<T>>(row, column, capacity)
{
    /// <inheritdoc/>
    public override void CopyTo(int index, ref VBuffer<T> value) => Values[index].CopyTo(ref value);
}
