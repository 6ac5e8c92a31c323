namespace Microsoft.ML.SynCse.Tests;

/// <summary>What is said where a model is used after its end: whose end it was, and who may have ended it unseen.</summary>
[TestClass]
public sealed class DisposedModelTests
{
    private const string Hint
        = "PredictionEngine.Dispose() disposes the model that it was made from, unless PredictionEngineOptions.OwnsTransformer is false.";

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_model_that_a_prediction_engine_took_along_says_so_with_the_encoders_name()
    {
        using var folder = new TemporaryFolder();
        using var start = SentenceEncoder.Load(TinyEncoder.WriteFolder(folder));
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        string path = folder.New("model.zip");
        _ml.Model.Save(_ml.Transforms.ApplySentenceEncoder("Features", "Anchor", start).Fit(data), data.Schema, path);
        var model = _ml.Model.Load(path, out _);
        var embedding = (TextEncoderTransformer)model;
        _ml.Model.CreatePredictionEngine<SentenceRow, VectorRow>(model).Dispose();
        var uses = new Action[]
        {
            () => model.Transform(data).Preview(),
            () => embedding.Encoder.Encode(["a cat"]),
            () => embedding.Encoder.Tokenize("a cat"),
            () => ((SentenceEncoder)embedding.Encoder).Save(folder.New("saved")),
            () => _ml.Model.Save(model, data.Schema, folder.New("again.zip")),
            () => _ml.Model.CreatePredictionEngine<SentenceRow, VectorRow>(model).Predict(new() { Anchor = "a cat" }),
        };
        foreach (var use in uses)
        {
            var error = Assert.Throws<Exception>(use).GetBaseException();
            Assert.IsInstanceOfType<ObjectDisposedException>(error, error.ToString());
            StringAssert.Contains(error.Message,
                "The sentence encoder '1-encoder' was disposed with the ML.NET model that owns it (column 'Anchor' -> 'Features'). "
                + Hint);
        }
    }

    [TestMethod]
    public void An_encoder_that_its_owner_disposed_says_only_its_name()
    {
        using var folder = new TemporaryFolder();
        var encoder = SentenceEncoder.Load(TinyEncoder.WriteFolder(folder));
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(4));
        using var model = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data);
        encoder.Dispose();
        encoder.Dispose();
        string message = Assert.ThrowsExactly<ObjectDisposedException>(() => encoder.Encode(["a cat"])).Message;
        StringAssert.StartsWith(message, "The sentence encoder '1-encoder' was disposed.");
        Assert.DoesNotContain("PredictionEngine", message);
    }

    [TestMethod]
    public void A_synthesis_step_says_its_columns()
    {
        var data = _ml.Data.LoadFromEnumerable(OrderRow.Many(4));
        var step = _ml.Transforms.SynthesizeTriplets("Text", Writers.Good()).Fit(data);
        var view = step.Transform(data);
        _ml.Model.CreatePredictionEngine<OrderRow, SynthesizedRow>(step).Dispose();
        foreach (var use in new Action[] { () => view.Preview(), () => step.UseChatClient(Writers.Good()) })
            StringAssert.Contains(Assert.ThrowsExactly<ObjectDisposedException>(use).Message,
                "The synthesis step 'Text' -> 'Positive', 'Negative' was disposed. " + Hint);
    }
}
