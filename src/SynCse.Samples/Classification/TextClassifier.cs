using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse;
using Microsoft.ML.Trainers;

namespace SynCse.Samples;

/// <summary>Text to class: the encoder's vector as the one feature of ML.NET's maximum entropy trainer.</summary>
internal sealed class TextClassifier(MLContext mlContext, SentenceEncoder encoder)
{
    private const string Key = "Key", Vector = "Vector";

    // Without a bound the trainer goes on until its duality gap closes, which on few rows (a class with one) it never does. Where it closes, it takes far fewer passes.
    private const int MaxPasses = 200;

    /// <summary>Cross-validates; no text of a fold's test part is in its training part.</summary>
    public IReadOnlyList<TrainCatalogBase.CrossValidationResult<MulticlassClassificationMetrics>> CrossValidate(IReadOnlyList<LabelledRow> rows, int folds)
    {
        // The encoder learns nothing here, so encoding once before the folds are made leaks nothing.
        var encoded = mlContext.Data.Cache(Features().Fit(Load(rows)).Transform(Load(rows)));
        return mlContext.MulticlassClassification.CrossValidate(encoded, Trainer(), folds, Key, nameof(LabelledRow.Text));
    }

    /// <summary>The whole model on all rows: text in, class out.</summary>
    public ITransformer Fit(IReadOnlyList<LabelledRow> rows)
        => Features().Append(Trainer()).Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(Load(rows));

    private IDataView Load(IReadOnlyList<LabelledRow> rows) => mlContext.Data.LoadFromEnumerable(rows);

    private IEstimator<ITransformer> Features()
        => mlContext.Transforms.Conversion.MapValueToKey(Key, nameof(LabelledRow.Label), keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(mlContext.Transforms.ApplySentenceEncoder(Vector, nameof(LabelledRow.Text), encoder));

    private IEstimator<ITransformer> Trainer() => mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options
    {
        LabelColumnName = Key,
        FeatureColumnName = Vector,
        MaximumNumberOfIterations = MaxPasses,
    });
}
