using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Keeps the values of one column for the rows of a batch that was read ahead.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Keeps the value of the row that the cursor stands on.</summary>
    public abstract void Capture(int index);

    /// <summary>A buffer for a column of any type.</summary>
    public static ColumnBuffer Create(DataViewRow row, DataViewSchema.Column column, int capacity)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(VectorColumnBuffer<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(ScalarColumnBuffer<>).MakeGenericType(column.Type.RawType);
        return (ColumnBuffer)Activator.CreateInstance(type, row, column, capacity)!;
    }
}

/// <summary>A <see cref="ColumnBuffer"/> whose values can be read back.</summary>
internal abstract class ColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer
{
    private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);

    protected T[] Values { get; } = new T[capacity];

    /// <inheritdoc/>
    public override void Capture(int index) => _getter(ref Values[index]);

    /// <summary>Hands out the value that was kept.</summary>
    public abstract void CopyTo(int index, ref T value);
}

/// <summary>A buffer of single values.</summary>
internal sealed class ScalarColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer<T>(row, column, capacity)
{
    /// <inheritdoc/>
    public override void CopyTo(int index, ref T value) => value = Values[index];
}

/// <summary>A buffer of vectors; the reader gets a copy, because the buffer's own memory is filled again.</summary>
internal sealed class VectorColumnBuffer<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer<VBuffer<T>>(row, column, capacity)
{
    /// <inheritdoc/>
    public override void CopyTo(int index, ref VBuffer<T> value) => Values[index].CopyTo(ref value);
}
