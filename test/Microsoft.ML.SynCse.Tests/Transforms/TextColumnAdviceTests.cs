using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What is advised for a column that is no text: it fits the column's type, and who follows it gets a column that is
/// encoded.</summary>
[TestClass]
public sealed class TextColumnAdviceTests
{
    private const string Join = "mlContext.Transforms.CustomMapping";

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("Number")]
    [DataRow("Whole")]
    [DataRow("Long")]
    [DataRow("Byte")]
    [DataRow("Flag")]
    [DataRow("Day")]
    [DataRow("Moment")]
    [DataRow("Span")]
    public void Numbers_flags_and_times_are_converted(string column)
    {
        StringAssert.Contains(Error(column), $"ConvertType(\"{column}\", outputKind: DataKind.String)");
        Encodes(_ml.Transforms.Conversion.ConvertType(column, outputKind: DataKind.String).Fit(Data()).Transform(Data()), column);
    }

    [TestMethod]
    public void Keys_of_texts_are_turned_back()
    {
        var data = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(Data()).Transform(Data());
        string message = Error("Key", data);
        StringAssert.Contains(message, "mlContext.Transforms.Conversion.MapKeyToValue(\"Key\")");
        Assert.DoesNotContain("ConvertType", message);
        Encodes(_ml.Transforms.Conversion.MapKeyToValue("Key").Fit(data).Transform(data), "Key");
    }

    [TestMethod]
    public void Keys_of_numbers_are_turned_back_and_converted()
    {
        var data = _ml.Transforms.Conversion.MapValueToKey("Key", "Whole").Fit(Data()).Transform(Data());
        string message = Error("Key", data);
        StringAssert.Contains(message, "MapKeyToValue(\"Key\")");
        StringAssert.Contains(message, "ConvertType(\"Key\", outputKind: DataKind.String)");
        var mended = _ml.Transforms.Conversion.MapKeyToValue("Key")
            .Append(_ml.Transforms.Conversion.ConvertType("Key", outputKind: DataKind.String)).Fit(data).Transform(data);
        Encodes(mended, "Key");
    }

    [TestMethod]
    public void Keys_without_values_lead_to_another_column()
    {
        var data = _ml.Transforms.Conversion.Hash("Key", "Text").Fit(Data()).Transform(Data());
        string message = Error("Key", data);
        StringAssert.Contains(message, "Its keys do not say what they stand for: name a column of text");
        Assert.DoesNotContain("MapKeyToValue", message);
        Assert.DoesNotContain("ConvertType", message);
    }

    [TestMethod]
    public void Several_texts_a_row_are_joined()
    {
        var words = _ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Fit(Data()).Transform(Data());
        foreach (var (column, data) in new[] { ("Words", words), ("Two", Data()) })
        {
            string message = Error(column, data);
            StringAssert.Contains(message, Join);
            Assert.DoesNotContain("ConvertType", message);
        }
        Action<WithWords, Joined> join = (row, joined) => joined.Text = string.Join(' ', row.Words);
        Encodes(_ml.Transforms.CustomMapping(join, null).Fit(words).Transform(words), "Text");
    }

    [TestMethod]
    public void Positives_may_be_several_of_a_known_number()
    {
        var words = _ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Fit(Data()).Transform(Data());
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.SynCseEmbedding("Features", "Text", "Words")
            .Fit(words));
        StringAssert.Contains(error.Message, "Every row must hold as many texts as the others: declare their number ([VectorType(n)]");
        using var encoder = TinyEncoder.Load();
        using var trained = _ml.Transforms.SynCseEmbedding("Features", "Text", "Two",
            options: new() { Encoder = encoder, Training = new() { ValidationFraction = 0 } }).Fit(Data());
    }

    [TestMethod]
    public void A_vector_of_keys_of_texts_is_turned_back_and_joined()
    {
        var data = _ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(_ml.Transforms.Conversion.MapValueToKey("Words"))
            .Fit(Data()).Transform(Data());
        string message = Error("Words", data);
        StringAssert.Contains(message, "MapKeyToValue(\"Words\")");
        StringAssert.Contains(message, Join);
    }

    [TestMethod]
    public void A_vector_of_numbers_leads_to_another_column()
    {
        string message = Error("Vector");
        StringAssert.Contains(message, "It holds a vector of Single, which nothing converts to text: name a column of text");
        Assert.DoesNotContain("ConvertType", message);
    }

    // Both say the same: what Fit sees, and what a chain's Fit sees before it.
    private string Error(string column, IDataView? data = null)
    {
        data ??= Data();
        using var encoder = TinyEncoder.Load();
        var estimator = _ml.Transforms.ApplySentenceEncoder("Features", column, encoder);
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data)).Message;
        if (data.Schema[column].Type is VectorDataViewType { IsKnownSize: true, ItemType: TextDataViewType }) return message;
        string early = Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => estimator.Append(_ml.Transforms.CopyColumns("Copy", "Features")).Fit(data)).Message;
        Assert.AreEqual(Advice(message), Advice(early));
        StringAssert.Contains(message, $"'{column}': expected Text or a vector of one Text, got ");
        return message;
    }

    private static string Advice(string message) => message[(message.IndexOf("got ", StringComparison.Ordinal) + 4)..].Split(". ", 2)[1];

    private void Encodes(IDataView data, string column)
    {
        using var encoder = TinyEncoder.Load();
        Assert.AreEqual(2, _ml.Transforms.ApplySentenceEncoder("Features", column, encoder).Fit(data).Transform(data)
            .GetColumn<float[]>("Features").Count());
    }

    private IDataView Data()
        => _ml.Data.LoadFromEnumerable(new[] { new Row { Text = "a cat", Whole = 3 }, new Row { Text = "my order was late", Whole = 4 } });

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public float Number { get; set; } = 1.5f;

        public int Whole { get; set; }

        public long Long { get; set; } = 5;

        public byte Byte { get; set; } = 6;

        public bool Flag { get; set; }

        public DateTime Day { get; set; } = new(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc);

        public DateTimeOffset Moment { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public TimeSpan Span { get; set; } = TimeSpan.FromMinutes(1);

        [VectorType(2)]
        public string[] Two { get; set; } = ["one", "two"];

        [VectorType(3)]
        public float[] Vector { get; set; } = [1, 2, 3];
    }

    private sealed class WithWords
    {
        public string[] Words { get; set; } = [];
    }

    private sealed class Joined
    {
        public string Text { get; set; } = "";
    }
}
