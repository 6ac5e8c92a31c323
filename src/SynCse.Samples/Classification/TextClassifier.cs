using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse;
using Microsoft.ML.Trainers;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace SynCse.Samples;

/// <summary>Text to class: the encoder's vector as the one feature of ML.NET's maximum entropy trainer.</summary>
internal sealed class TextClassifier(MLContext mlContext, SentenceEncoder encoder)
{
    private const string Key = "Key", Vector = nameof(LabelledVectorRow.Vector);

    // Without a bound the trainer goes on until its duality gap closes, which on few rows it may never do. Where it closes, it takes far
    // fewer passes.
    private const int MaxPasses = 200;

    /// <summary>Cross-validates; no text of a fold's test part is in its training part.</summary>
    public IReadOnlyList<MulticlassClassificationMetrics> CrossValidate(IReadOnlyList<LabelledRow> rows, int folds,
        CancellationToken cancellationToken)
    {
        // The encoder learns nothing here, so encoding once before the folds are made leaks nothing.
        float[][] vectors = encoder.Encode([.. rows.Select(row => row.Text)], cancellationToken: cancellationToken);
        var schema = SchemaDefinition.Create(typeof(LabelledVectorRow));
        schema[Vector].ColumnType = new VectorDataViewType(NumberDataViewType.Single, encoder.Dimensions);
        int[] parts = FoldAssignment.Of(rows, folds);
        // ML.NET's own CrossValidate draws the parts by chance: of few rows one may be empty.
        IDataView Part(Func<int, bool> takes) => mlContext.Data.LoadFromEnumerable(
            rows.Index().Where(row => takes(parts[row.Index]))
                .Select(row => new LabelledVectorRow { Label = row.Item.Label, Vector = vectors[row.Index] }), schema);
        var keys = Keys().Fit(Part(_ => true));
        return [.. Enumerable.Range(0, folds).Select(fold =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var model = Trainer().Fit(keys.Transform(Part(part => part != fold)));
            return mlContext.MulticlassClassification.Evaluate(model.Transform(keys.Transform(Part(part => part == fold))), Key);
        })];
    }

    /// <summary>The whole model on all rows: text in, class out.</summary>
    public ITransformer Fit(IReadOnlyList<LabelledRow> rows)
        => Keys().Append(mlContext.Transforms.ApplySentenceEncoder(Vector, nameof(LabelledRow.Text), encoder)).Append(Trainer())
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(mlContext.Data.LoadFromEnumerable(rows));

    private IEstimator<ITransformer> Keys()
        => mlContext.Transforms.Conversion.MapValueToKey(Key, nameof(LabelledRow.Label), keyOrdinality: KeyOrdinality.ByValue);

    private IEstimator<ITransformer> Trainer()
        => mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = Key,
            FeatureColumnName = Vector,
            MaximumNumberOfIterations = MaxPasses,
        });
}
