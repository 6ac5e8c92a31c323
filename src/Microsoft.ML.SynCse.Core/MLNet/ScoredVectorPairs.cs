using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Scored pairs of vectors in a data view.</summary>
internal static class ScoredVectorPairs
{
    /// <summary>Compares the scores with the cosines.</summary>
    public static SentenceSimilarityMetrics Evaluate(
        IHostEnvironment environment, IDataView data, string labelName, string leftName, string rightName)
    {
        var label = Find(environment, data.Schema, "label", labelName, type => type is NumberDataViewType, "a number");
        var left = Find(environment, data.Schema, "left", leftName, IsVector, "a known-size vector of Single");
        var right = Find(environment, data.Schema, "right", rightName, type => type.Equals(left.Type), $"{left.Type}, as '{leftName}'");

        using var cursor = data.GetRowCursor([label, left, right]);
        var readLabel = RowCursorUtils.GetGetterAs<double>(NumberDataViewType.Double, cursor, label.Index);
        var readLeft = cursor.GetGetter<VBuffer<float>>(left);
        var readRight = cursor.GetGetter<VBuffer<float>>(right);
        var (labels, cosines) = (new List<double>(), new List<double>());
        double score = 0;
        VBuffer<float> a = default, b = default;
        while (cursor.MoveNext())
        {
            environment.CheckAlive();
            readLabel(ref score);
            if (!double.IsFinite(score)) throw new InvalidOperationException(
                $"Column '{labelName}' is {score} in row {labels.Count}; every pair needs a score.");
            readLeft(ref a);
            readRight(ref b);
            labels.Add(score);
            cosines.Add(VectorMath.Cosine(Dense(a), Dense(b)));
        }
        if (labels.Count < 2) throw new InvalidOperationException(
            $"A correlation needs at least two scored pairs; the data view with the columns '{labelName}', '{leftName}', '{rightName}' "
            + $"has {labels.Count}.");
        return new SentenceSimilarityMetrics(labels, cosines);
    }

    private static bool IsVector(DataViewType type)
        => type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single;

    private static ReadOnlySpan<float> Dense(in VBuffer<float> vector)
        => vector.IsDense ? vector.GetValues() : vector.DenseValues().ToArray();

    private static DataViewSchema.Column Find(
        IExceptionContext context, DataViewSchema schema, string role, string name, Func<DataViewType, bool> fits, string expected)
    {
        if (schema.GetColumnOrNull(name) is not { } column) throw context.ExceptSchemaMismatch("schema", role, name);
        return fits(column.Type) ? column : throw context.ExceptSchemaMismatch("schema", role, name, expected, column.Type.ToString());
    }
}
