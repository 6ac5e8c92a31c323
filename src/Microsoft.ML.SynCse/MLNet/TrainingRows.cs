using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>Reads the columns that an estimator trains on as training examples.</summary>
internal sealed record TrainingRows(string Anchor, string? Positive, string? Negative, string? Weight = null)
{
    private const string WeightRole = "example weight";

    /// <summary>The kind of the rows, by the columns given.</summary>
    public TrainingMode Mode => this switch
    {
        { Positive: null } => TrainingMode.Unsupervised,
        { Negative: null } => TrainingMode.Pairs,
        _ => TrainingMode.Triplets,
    };

    /// <summary>The columns, for messages.</summary>
    public string ColumnNames => string.Join(", ", Columns().Select(c => $"{c.Role} '{c.Name}'"));

    /// <summary>Checks the columns of a schema's shape.</summary>
    public void Check(IExceptionContext context, SchemaShape schema)
    {
        foreach (var (role, name) in Columns()) TextColumns.Check(context, schema, role, name);
        if (Weight is not null) CheckWeight(context, schema, Weight);
    }

    /// <summary>Reads every row; rows with an empty text too, which the trainer skips and counts.</summary>
    /// <exception cref="InvalidOperationException">Fewer than two rows have text in every column, or a weight is negative or no
    /// number.</exception>
    public List<TrainingExample> Read(IExceptionContext context, IDataView data, CancellationToken cancellationToken)
    {
        var anchor = TextColumns.Single(context, data.Schema, "anchor", Anchor);
        DataViewSchema.Column? positive = Positive is null ? null : TextColumns.Any(context, data.Schema, "positive", Positive);
        DataViewSchema.Column? negative = Negative is null ? null : TextColumns.Any(context, data.Schema, "negative", Negative);
        DataViewSchema.Column? weight = Weight is null ? null : data.Schema[Weight];
        DataViewSchema.Column?[] columns = [anchor, positive, negative, weight];
        using var cursor = data.GetRowCursor(columns.OfType<DataViewSchema.Column>());
        var readAnchor = TextColumns.SingleReader(cursor, anchor);
        var readPositives = positive is { } a ? TextColumns.Reader(cursor, a) : () => [];
        var readNegatives = negative is { } b ? TextColumns.Reader(cursor, b) : () => [];
        var readWeight = weight is { } c ? WeightReader(cursor, c) : () => 1;
        List<TrainingExample> examples = [];
        int complete = 0, usable = 0;
        while (Unwrapped(cursor.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var example = new TrainingExample(readAnchor(), readPositives(), readNegatives(), readWeight());
            examples.Add(example);
            if (TrainingSet.IsComplete(example)) complete++;
            if (TrainingSet.IsUsable(example)) usable++;
        }
        if (complete < 2) throw TooFew(examples.Count, complete);
        if (usable < 2) throw Contradictory(examples.Count, complete - usable);
        return examples;
    }

    // ML.NET's cache between the steps of a chain that is fitted puts an exception of its own around an error of the step before.
    private static bool Unwrapped(Func<bool> moveNext)
    {
        try
        {
            return moveNext();
        }
        catch (InvalidOperationException error) when (error.InnerException
            is SynthesisStoppedException or OperationCanceledException or IOException or InvalidDataException)
        {
            ExceptionDispatchInfo.Throw(error.InnerException);
            throw;
        }
    }

    private InvalidOperationException TooFew(int rows, int complete) => new(rows == 0
        ? $"There are no rows to train on: the data view that gives the columns {ColumnNames} is empty. Training needs at least 2."
        : $"{(complete == 0 ? "No row" : "Only one row")} of {rows} has text in every one of the columns {ColumnNames}; "
            + "training needs at least 2. Rows where one of them is empty or white space are left out.");

    private InvalidOperationException Contradictory(int rows, int equal) => new(
        $"{equal} of {rows} rows have the same text in positive '{Positive}' and negative '{Negative}', and training needs at least 2 "
            + "rows where they differ. Check that the columns are the right ones.");

    private IEnumerable<(string Role, string Name)> Columns()
    {
        yield return ("anchor", Anchor);
        if (Positive is not null) yield return ("positive", Positive);
        if (Negative is not null) yield return ("negative", Negative);
    }

    // One number for each row, as ML.NET's trainers have it.
    private static void CheckWeight(IExceptionContext context, SchemaShape schema, string name)
    {
        if (!schema.TryFindColumn(name, out var column))
        {
            string there = string.Join(", ", schema.Select(c => $"'{c.Name}'"));
            throw context.ExceptParam(nameof(schema), $"Could not find the {WeightRole} column '{name}' "
                + $"(SynCseEmbeddingOptions.ExampleWeightColumnName). The columns there are: {there}.");
        }
        if (column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not NumberDataViewType)
            throw context.ExceptSchemaMismatch(nameof(schema), WeightRole, name, "a number", column.GetTypeString());
    }

    // Reads the weight of the row at which the cursor is.
    private static Func<float> WeightReader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        var getter = RowCursorUtils.GetGetterAs<float>(NumberDataViewType.Single, cursor, column.Index);
        float weight = 0;
        return () =>
        {
            getter(ref weight);
            return float.IsFinite(weight) && weight >= 0 ? weight : throw new InvalidOperationException(
                $"The {WeightRole} column '{column.Name}' is {weight} in row {cursor.Position}; a weight is a number of at least 0.");
        };
    }
}
