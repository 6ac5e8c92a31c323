using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class EmbeddingChainTests
{
    private const int Rows = 200;
    private readonly MLContext _ml = new(seed: 1);
    private readonly SentenceEncoder _encoder = TinyEncoder.Load();
    private readonly SentenceRow[] _rows = SentenceRow.Many(Rows);

    [TestCleanup]
    public void DisposeEncoder() => _encoder.Dispose();

    [TestMethod]
    public void Sdca_after_it_has_each_row_encoded_once()
        => FitsOnOneEncodingARow(Apply().Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()));

    [TestMethod]
    public void KMeans_after_it_has_each_row_encoded_once()
        => FitsOnOneEncodingARow(Apply().Append(_ml.Clustering.Trainers.KMeans(numberOfClusters: 3)));

    [TestMethod]
    public void Averaged_perceptron_after_it_has_each_row_encoded_once()
        => FitsOnOneEncodingARow(Apply().Append(_ml.BinaryClassification.Trainers.AveragedPerceptron(numberOfIterations: 5)));

    [TestMethod]
    public void Steps_that_read_several_times_and_a_trainer_share_one_encoding_a_row()
        => FitsOnOneEncodingARow(
            Apply().Append(_ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(_ml.Transforms.ProjectToPrincipalComponents("Features", rank: 4))
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()));

    [TestMethod]
    public void A_tuned_embedding_between_stock_steps_has_each_row_encoded_once_after_training()
    {
        var pipeline = _ml.Transforms.Text.NormalizeText("Clean", "Anchor")
            .Append(_ml.Transforms.SynCseEmbedding(
                "Features", "Clean", "Positive", "Negative",
                new() { Encoder = _encoder, Training = new() { BatchSize = 32, ValidationFraction = 0 } }))
            .Append(_ml.Transforms.NormalizeLpNorm("Features"))
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression());
        using var model = pipeline.Fit(Data());
        var embedding = model.OfType<SynCseEmbeddingTransformer>().Single();
        Assert.AreEqual(Rows, embedding.Encoder.EncodedSentences);
        Assert.AreEqual(Rows, model.Transform(Data()).GetColumn<bool>("PredictedLabel").Count());
    }

    [TestMethod]
    public void Cross_validation_trains_an_encoder_for_each_fold()
    {
        var pipeline = _ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", "Positive",
            options: new() { Encoder = _encoder, Training = new() { BatchSize = 16, ValidationFraction = 0 } })
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression());
        var folds = _ml.BinaryClassification.CrossValidate(Data(), pipeline, numberOfFolds: 3);
        Assert.HasCount(3, folds);
        foreach (var fold in folds)
        {
            Assert.IsTrue(double.IsFinite(fold.Metrics.Accuracy));
            ((IDisposable)fold.Model).Dispose();
        }
    }

    [TestMethod]
    public void Disposing_a_chain_disposes_the_tuned_encoder()
    {
        var model = _ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", options: new() { Encoder = _encoder, Training = new() { BatchSize = 16 } })
            .Append(_ml.Transforms.NormalizeLpNorm("Features")).Fit(Data());
        var embedding = model.OfType<SynCseEmbeddingTransformer>().Single();
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => embedding.Encoder.Encode(["a cat"]));
    }

    [TestMethod]
    public void A_prediction_engine_gives_what_a_transform_gives()
    {
        var model = Apply().Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(Data());
        var expected = _ml.Data.CreateEnumerable<Prediction>(model.Transform(Data()), reuseRowObject: false).ToArray();
        using var engine =
            _ml.Model.CreatePredictionEngine<SentenceRow, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        for (int i = 0; i < 50; i++)
        {
            var actual = engine.Predict(_rows[i]);
            VectorAssert.AreClose(expected[i].Features, actual.Features);
            Assert.AreEqual(expected[i].Score, actual.Score, 1e-4);
        }
    }

    [TestMethod]
    public void A_prediction_engine_that_owns_the_model_disposes_it()
    {
        var model = _ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", options: new() { Encoder = _encoder, Training = new() { BatchSize = 16 } }).Fit(Data());
        using (var engine = _ml.Model.CreatePredictionEngine<SentenceRow, VectorRow>(model)) engine.Predict(_rows[0]);
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Encoder.Encode(["a cat"]));
    }

    [TestMethod]
    public void Beside_a_column_that_cannot_be_cached_a_chain_fits_and_a_warning_says_what_it_costs()
    {
        var log = new MLLog(_ml);
        var data = _ml.Data.LoadFromEnumerable(
            _rows.Select(r => new ThingRow { Id = r.Id, Anchor = r.Anchor, Label = r.Label, Thing = new Thing(r.Id) }));
        using var model = Apply().Append(_ml.Transforms.NormalizeMeanVariance("Features")).Fit(data);
        Assert.HasCount(Rows, _ml.Data.CreateEnumerable<ThingVectorRow>(model.Transform(data), false).ToArray());
        StringAssert.Contains(log.Text, "Warning: The vectors in 'Features' are not cached, because ML.NET cannot cache 'Thing'");
    }

    private void FitsOnOneEncodingARow<T>(IEstimator<T> pipeline)
        where T : class, ITransformer
    {
        var model = pipeline.Fit(Data());
        Assert.AreEqual(Rows, _encoder.EncodedSentences);
        Assert.AreEqual(Rows, model.Transform(Data()).GetColumn<float[]>("Features").Count());
    }

    private TextEncoderEstimator Apply() => _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _encoder);

    private IDataView Data() => _ml.Data.LoadFromEnumerable(_rows);

    private sealed class Prediction
    {
        public float[] Features { get; set; } = [];

        public float Score { get; set; }
    }
}
