using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>Which columns count as text, what is said about one that does not, and how their values are read.</summary>
/// <remarks>Text is a column of Text or a vector of Text of known size; an anchor is exactly one text.</remarks>
internal static class TextColumns
{
    private const string HowToMend = "Load the column as text, or convert it with mlContext.Transforms.Conversion.ConvertType(..., outputKind: DataKind.String) before this step.";

    /// <summary>Checks a column of a schema's shape, where sizes of vectors are not known yet.</summary>
    public static void Check(IExceptionContext context, SchemaShape schema, string role, string name)
    {
        if (!schema.TryFindColumn(name, out var column)) throw Missing(context, role, name, schema.Select(c => c.Name));
        bool text = column is { IsKey: false, ItemType: TextDataViewType, Kind: not SchemaShape.Column.VectorKind.VariableVector };
        if (!text) throw WrongType(context, role, name, column.GetTypeString(), "Text or a known-size vector of Text");
    }

    /// <summary>Finds and checks the column whose text is encoded.</summary>
    public static DataViewSchema.Column Single(IExceptionContext context, DataViewSchema schema, string role, string name)
    {
        var column = Any(context, schema, role, name);
        if (column.Type is VectorDataViewType { Size: not 1 }) throw WrongType(context, role, name, column.Type.ToString()!, "Text or a vector of one Text");
        return column;
    }

    /// <summary>Finds and checks a column of one or more texts.</summary>
    public static DataViewSchema.Column Any(IExceptionContext context, DataViewSchema schema, string role, string name)
    {
        if (schema.GetColumnOrNull(name) is not { } column) throw Missing(context, role, name, schema.Where(c => !c.IsHidden).Select(c => c.Name));
        if (column.Type is not (TextDataViewType or VectorDataViewType { IsKnownSize: true, ItemType: TextDataViewType }))
            throw WrongType(context, role, name, column.Type.ToString()!, "Text or a known-size vector of Text");
        return column;
    }

    /// <summary>Reads the texts of the row that <paramref name="row"/> stands on; a missing text is an empty one.</summary>
    public static Func<string[]> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType)
        {
            var one = SingleReader(row, column);
            return () => [one()];
        }
        var getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> values = default;
        return () =>
        {
            getter(ref values);
            return [.. values.DenseValues().Select(v => v.ToString())];
        };
    }

    /// <summary>Reads the one text of the row that <paramref name="row"/> stands on; a missing text is an empty one.</summary>
    public static Func<string> SingleReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            var many = Reader(row, column);
            return () => many()[0];
        }
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> text = default;
        return () =>
        {
            getter(ref text);
            return text.ToString();
        };
    }

    private static Exception Missing(IExceptionContext context, string role, string name, IEnumerable<string> names)
        => context.ExceptParam("schema", $"Could not find {role} column '{name}'. The columns there are: {string.Join(", ", names.Select(n => $"'{n}'"))}. Check the name given to the catalog method.");

    private static Exception WrongType(IExceptionContext context, string role, string name, string actual, string expected)
        => context.ExceptParam("schema", $"Schema mismatch for {role} column '{name}': expected {expected}, got {actual}. {HowToMend}");
}
