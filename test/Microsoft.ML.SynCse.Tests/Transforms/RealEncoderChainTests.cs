using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The chain of the README over a real encoder of 22 million weights.</summary>
[TestClass]
[TestCategory(SharedFolder.Category)]
public sealed class RealEncoderChainTests
{
    [TestMethod]
    public void All_MiniLM_in_a_chain_is_saved_loaded_and_predicts_the_same()
    {
        using var encoder = SentenceEncoder.Load(SharedFolder.Path("models/all-MiniLM-L6-v2"));
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        var rows = SentenceRow.Many(300);
        var data = ml.Data.LoadFromEnumerable(rows);
        using var model = ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder)
            .Append(ml.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(data);
        Assert.AreEqual(rows.Length, encoder.EncodedSentences);

        string path = folder.New("model.zip");
        ml.Model.SaveAtomically(model, data.Schema, path);
        var loaded = ml.Model.Load(path, out _);
        float[][] expected = model.Transform(data).GetColumn<float[]>("Features").ToArray();
        float[][] actual = loaded.Transform(data).GetColumn<float[]>("Features").ToArray();
        for (int i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i]);

        using var engine = ml.Model.CreatePredictionEngine<SentenceRow, VectorRow>(loaded);
        for (int i = 0; i < 20; i++) VectorAssert.AreClose(expected[i], engine.Predict(rows[i]).Features);
    }
}
