using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>The vector column as ML.NET sees it: in a schema's shape, and in the schema itself.</summary>
internal static class EmbeddingSchema
{
    /// <summary>The shape with the vector column added; a column of that name is replaced.</summary>
    public static SchemaShape AddTo(SchemaShape schema, string outputColumn, bool normalized)
    {
        var annotations = normalized
            ? new SchemaShape([new SchemaShape.Column(AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false)])
            : null;
        var columns = schema.ToDictionary(c => c.Name);
        columns[outputColumn] = new SchemaShape.Column(outputColumn, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, annotations);
        return new SchemaShape(columns.Values);
    }

    /// <summary>The vector column, with its dimension.</summary>
    public static DataViewSchema.DetachedColumn Column(string name, int dimensions, bool normalized)
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, dimensions);
        if (!normalized) return new(name, type);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return new(name, type, annotations.ToAnnotations());
    }
}
