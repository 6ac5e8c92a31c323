namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A buffer of single values.</summary>
internal sealed class ScalarColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer<T>(row, column, capacity)
{
    /// <inheritdoc/>
    public override void CopyTo(int index, ref T value) => value = Values[index];
}
