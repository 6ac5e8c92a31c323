using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Core.MLNet;

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
