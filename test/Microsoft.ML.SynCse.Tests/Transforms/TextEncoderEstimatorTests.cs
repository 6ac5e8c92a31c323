using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TextEncoderEstimatorTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Its_vectors_are_the_encoders()
    {
        using var encoder = TinyEncoder.Load();
        var rows = SentenceRow.Many(40);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var view = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data).Transform(data);
        float[][] expected = encoder.Encode([.. rows.Select(r => r.Anchor)]);
        var actual = _ml.Data.CreateEnumerable<VectorRow>(view, reuseRowObject: false).ToArray();
        Assert.HasCount(40, actual);
        for (int i = 0; i < 40; i++) VectorAssert.AreClose(expected[i], actual[i].Features);
    }

    [TestMethod]
    public void The_column_is_a_vector_of_the_encoders_dimensions_and_says_whether_it_is_normalised()
    {
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
        foreach (bool normalize in new[] { false, true })
        {
            using var encoder = TinyEncoder.Load(normalize: normalize);
            var transformer = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data);
            var column = transformer.GetOutputSchema(data.Schema)["Features"];
            Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, TinyEncoder.Dimensions), column.Type);
            Assert.AreEqual(column.Type, transformer.Transform(data).Schema["Features"].Type);
            Assert.AreEqual(normalize, column.Annotations.Schema.GetColumnOrNull("IsNormalized") is not null);
        }
    }

    [TestMethod]
    public void Without_an_input_name_the_column_is_replaced()
    {
        using var encoder = TinyEncoder.Load();
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(3));
        var view = _ml.Transforms.ApplySentenceEncoder("Anchor", null, encoder).Fit(data).Transform(data);
        Assert.IsInstanceOfType<VectorDataViewType>(view.Schema["Anchor"].Type);
        Assert.AreEqual(3, view.GetColumn<float[]>("Anchor").Count());
    }

    [TestMethod]
    public void Disposing_the_transformer_leaves_the_callers_encoder_alive()
    {
        using var encoder = TinyEncoder.Load();
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
        var transformer = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data);
        transformer.Dispose();
        Assert.AreSame(encoder, transformer.Encoder);
        Assert.HasCount(1, encoder.Encode(["still here"]));
    }

    [TestMethod]
    public void Empty_text_is_encoded_and_no_row_is_left_out()
    {
        using var encoder = TinyEncoder.Load();
        var data = _ml.Data.LoadFromEnumerable(new[] { "", "  ", "a cat", null! }.Select(t => new SentenceRow { Anchor = t }));
        float[][] vectors = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data).Transform(data)
            .GetColumn<float[]>("Features").ToArray();
        Assert.HasCount(4, vectors);
        VectorAssert.AreClose(encoder.Encode([""])[0], vectors[0]);
        VectorAssert.AreClose(vectors[0], vectors[3]);
    }

    [TestMethod]
    public void A_vector_of_one_text_is_a_text_and_one_of_two_is_an_error()
    {
        using var encoder = TinyEncoder.Load();
        var data = _ml.Data.LoadFromEnumerable(new[] { new OneText { Texts = ["a cat"] } });
        float[] vector = _ml.Transforms.ApplySentenceEncoder("Features", "Texts", encoder).Fit(data).Transform(data)
            .GetColumn<float[]>("Features").Single();
        VectorAssert.AreClose(encoder.Encode(["a cat"])[0], vector);

        var two = _ml.Data.LoadFromEnumerable(new[] { new TwoTexts { Texts = ["a cat", "a dog"] } });
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => _ml.Transforms.ApplySentenceEncoder("Features", "Texts", encoder).Fit(two));
        StringAssert.Contains(error.Message, "input column 'Texts': expected Text or a vector of one Text");
    }

    [TestMethod]
    public void A_missing_or_wrong_column_is_named_with_what_to_do()
    {
        using var encoder = TinyEncoder.Load();
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
        var transformer = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", encoder).Fit(data);
        var other = _ml.Data.LoadFromEnumerable(new[] { new VectorRow() });

        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => _ml.Transforms.ApplySentenceEncoder("Features", "Nope", encoder).Fit(data));
        StringAssert.Contains(missing.Message, "Could not find input column 'Nope'. The columns there are: 'Id', 'Anchor'");
        var wrong = Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => _ml.Transforms.ApplySentenceEncoder("Features", "Id", encoder).Fit(data));
        StringAssert.Contains(wrong.Message, "input column 'Id'");
        StringAssert.Contains(wrong.Message, "ConvertType");
        foreach (var use in new Action[] { () => transformer.Transform(other), () => transformer.GetOutputSchema(other.Schema),
            () => ((ITransformer)transformer).GetRowToRowMapper(other.Schema) })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(use).Message, "'Anchor'");
    }

    private sealed class OneText
    {
        [VectorType(1)]
        public string[] Texts { get; set; } = [];
    }

    private sealed class TwoTexts
    {
        [VectorType(2)]
        public string[] Texts { get; set; } = [];
    }
}
