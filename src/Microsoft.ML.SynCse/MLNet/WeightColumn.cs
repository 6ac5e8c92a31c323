using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>The column of example weights: one number a row, as ML.NET's trainers have it.</summary>
internal static class WeightColumn
{
    private const string Role = "example weight";

    /// <summary>Checks the column of a schema's shape.</summary>
    public static void Check(IExceptionContext context, SchemaShape schema, string name)
    {
        if (!schema.TryFindColumn(name, out var column))
            throw context.ExceptParam(nameof(schema), $"Could not find the {Role} column '{name}' (SynCseEmbeddingOptions.ExampleWeightColumnName). The columns there are: {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}.");
        if (column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not NumberDataViewType)
            throw context.ExceptSchemaMismatch(nameof(schema), Role, name, "a number", column.GetTypeString());
    }

    /// <summary>Reads the weight of the row that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">It is negative or no number; names the column and the row.</exception>
    public static Func<float> Reader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        var getter = RowCursorUtils.GetGetterAs<float>(NumberDataViewType.Single, cursor, column.Index);
        float weight = 0;
        return () =>
        {
            getter(ref weight);
            return float.IsFinite(weight) && weight >= 0 ? weight
                : throw new InvalidOperationException($"The {Role} column '{column.Name}' is {weight} in row {cursor.Position}; a weight is a number of at least 0.");
        };
    }
}
