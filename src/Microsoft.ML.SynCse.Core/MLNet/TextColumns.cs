using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Which columns count as text, what is said about one that does not, and how their values are read.</summary>
/// <remarks>Text is a column of Text or a vector of Text of known size; an anchor is exactly one text.</remarks>
internal static class TextColumns
{
    private const string OneText = "Text or a vector of one Text", Texts = "Text or a known-size vector of Text";

    /// <summary>Checks a column of a schema's shape, where sizes of vectors are not known yet.</summary>
    public static void Check(IExceptionContext context, SchemaShape schema, string role, string name)
    {
        if (!schema.TryFindColumn(name, out var column)) throw Missing(context, role, name, schema.Select(c => c.Name));
        bool text = column is { IsKey: false, ItemType: TextDataViewType, Kind: not SchemaShape.Column.VectorKind.VariableVector };
        if (text) return;
        bool onlyOne = role is not ("positive" or "negative");
        throw WrongType(context, role, name, column.GetTypeString(), onlyOne ? OneText : Texts, TextColumnAdvice.Of(column).Text(onlyOne));
    }

    /// <summary>Finds and checks the column whose text is encoded.</summary>
    public static DataViewSchema.Column Single(IExceptionContext context, DataViewSchema schema, string role, string name)
    {
        var column = Find(context, schema, role, name);
        if (column.Type is not (TextDataViewType or VectorDataViewType { Size: 1, ItemType: TextDataViewType }))
            throw WrongType(context, role, name, column.Type.ToString()!, OneText, TextColumnAdvice.Of(column).Text(onlyOne: true));
        return column;
    }

    /// <summary>Finds and checks a column of one or more texts.</summary>
    public static DataViewSchema.Column Any(IExceptionContext context, DataViewSchema schema, string role, string name)
    {
        var column = Find(context, schema, role, name);
        if (column.Type is not (TextDataViewType or VectorDataViewType { IsKnownSize: true, ItemType: TextDataViewType }))
            throw WrongType(context, role, name, column.Type.ToString()!, Texts, TextColumnAdvice.Of(column).Text(onlyOne: false));
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

    private static DataViewSchema.Column Find(IExceptionContext context, DataViewSchema schema, string role, string name)
        => schema.GetColumnOrNull(name) ?? throw Missing(context, role, name, schema.Where(c => !c.IsHidden).Select(c => c.Name));

    private static Exception Missing(IExceptionContext context, string role, string name, IEnumerable<string> names)
        => context.ExceptParam("schema", $"Could not find {role} column '{name}'. The columns there are: {string.Join(", ", names.Select(n => $"'{n}'"))}. Check the name given to the catalog method.");

    private static Exception WrongType(IExceptionContext context, string role, string name, string actual, string expected, string advice)
        => context.ExceptParam("schema", $"Schema mismatch for {role} column '{name}': expected {expected}, got {actual}. {advice}");
}

/// <summary>How a column that is no text becomes one, by what it holds: one conversion does not fit all.</summary>
/// <param name="Name">The column.</param>
/// <param name="Item">What one value of it is; of a key, its number.</param>
/// <param name="IsKey">Whether the values are keys.</param>
/// <param name="KeyValues">What the keys stand for; null where the column does not say.</param>
/// <param name="IsVector">Whether a row holds several values.</param>
internal readonly record struct TextColumnAdvice(string Name, DataViewType Item, bool IsKey, DataViewType? KeyValues, bool IsVector)
{
    private const string AnotherColumn = "name a column of text, such as the one that it was made from.";

    /// <summary>Of a column of a schema's shape.</summary>
    public static TextColumnAdvice Of(SchemaShape.Column column) => new(
        column.Name, column.ItemType, column.IsKey,
        column.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out var values) ? values.ItemType : null,
        column.Kind != SchemaShape.Column.VectorKind.Scalar);

    /// <summary>Of a column of a schema.</summary>
    public static TextColumnAdvice Of(DataViewSchema.Column column)
    {
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        var values = column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type;
        return new(column.Name, item, item is KeyDataViewType, (values as VectorDataViewType)?.ItemType, column.Type is VectorDataViewType);
    }

    /// <summary>What to do, as a sentence.</summary>
    /// <param name="onlyOne">Whether a row must hold exactly one text.</param>
    public string Text(bool onlyOne) => this switch
    {
        { IsKey: true, KeyValues: null } => $"Its keys do not say what they stand for: {AnotherColumn}",
        { IsKey: true, KeyValues: TextDataViewType, IsVector: false }
            => $"Turn its keys back into their texts with {MapKeyToValue()} before this step.",
        { IsKey: true, KeyValues: { } values, IsVector: false } when IsConvertible(values)
            => $"Turn its keys back into their values with {MapKeyToValue()}, then these into text with {ConvertType()}, before this step.",
        { IsKey: true, KeyValues: TextDataViewType }
            => $"Turn its keys back into their texts with {MapKeyToValue()} before this step. {ManyTexts(onlyOne)}",
        { IsKey: true } => $"Its keys stand for {KeyValues}: {AnotherColumn}",
        { Item: TextDataViewType, IsVector: true } => ManyTexts(onlyOne),
        { IsVector: false } when IsConvertible(Item) => $"Load the column as text, or convert it with {ConvertType()} before this step.",
        _ => $"It holds {(IsVector ? "a vector of " : "")}{Item}, which nothing converts to text: {AnotherColumn}",
    };

    private static string ManyTexts(bool onlyOne) => onlyOne
        ? "A row holds several texts, and one is encoded: "
            + "join them with mlContext.Transforms.CustomMapping before this step, or name a column of one text."
        : "Every row must hold as many texts as the others: declare their number ([VectorType(n)], or a TextLoader.Column of n columns), "
            + "or join them with mlContext.Transforms.CustomMapping before this step.";

    // What ML.NET's ConvertType takes to text.
    private static bool IsConvertible(DataViewType type)
        => type is NumberDataViewType or BooleanDataViewType or TextDataViewType
            or DateTimeDataViewType or DateTimeOffsetDataViewType or TimeSpanDataViewType;

    private string MapKeyToValue() => $"mlContext.Transforms.Conversion.MapKeyToValue(\"{Name}\")";

    private string ConvertType() => $"mlContext.Transforms.Conversion.ConvertType(\"{Name}\", outputKind: DataKind.String)";
}
