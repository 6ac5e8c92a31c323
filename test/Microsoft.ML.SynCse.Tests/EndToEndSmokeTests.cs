using Microsoft.ML.Data;
using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The main job once through; run against every build of the library that is shipped.</summary>
[TestClass]
public sealed class EndToEndSmokeTests
{
    [TestMethod]
    public void Triplets_become_a_saved_and_reloaded_model_with_the_same_vectors()
    {
        using var temporary = new TemporaryFolder();
        using var start = TinyEncoder.Load();
        var mlContext = new MLContext(seed: 1);
        var rows = TinyEncoder.Triplets(60)
            .Select((t, i) => new Row { Anchor = t.Anchor, Positive = t.Positives[0], Negative = t.Negatives[0], Label = i % 2 == 0 })
            .ToArray();
        var data = mlContext.Data.LoadFromEnumerable(rows);
        var pipeline = mlContext.Transforms.SynCseEmbedding(
            "Features", "Anchor", "Positive", "Negative", new() { Encoder = start, Training = new() { BatchSize = 8 } })
            .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());

        using var model = pipeline.Fit(data);
        string path = temporary.New("model.zip");
        mlContext.Model.SaveAtomically(model, data.Schema, path);
        var loaded = new MLContext().Model.Load(path, out _);

        float[][] expected = model.Transform(data).GetColumn<float[]>("Features").ToArray();
        float[][] actual = loaded.Transform(data).GetColumn<float[]>("Features").ToArray();
        Assert.HasCount(60, actual);
        for (int i = 0; i < 60; i++) CollectionAssert.AreEqual(expected[i], actual[i]);
        using var engine = mlContext.Model.CreatePredictionEngine<Row, Scored>(loaded);
        Assert.IsTrue(float.IsFinite(engine.Predict(rows[0]).Score));
        using var encoder = SentenceEncoder.Load(path);
        Assert.IsTrue(expected[0].Zip(encoder.Encode([rows[0].Anchor])[0], (x, y) => Math.Abs(x - y)).All(d => d < 1e-5));
    }

    [TestMethod]
    public void The_default_encoder_puts_paraphrases_nearer_than_other_sentences()
    {
        using var encoder = SentenceEncoder.LoadDefault();
        float[][] v = encoder.Encode(
            ["How do I reset my password?", "I forgot my password and cannot log in.", "The invoice was charged twice."]);
        Assert.AreEqual(256, encoder.Dimensions);
        Assert.IsGreaterThan(VectorMath.Cosine(v[0], v[2]) + 0.2, VectorMath.Cosine(v[0], v[1]));
    }

    private sealed class Row
    {
        public string Anchor { get; set; } = "";

        public string Positive { get; set; } = "";

        public string Negative { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
