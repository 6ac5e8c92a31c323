using System.Security.Cryptography;
using Microsoft.ML.Data;
using TextEncoding = System.Text.Encoding;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class EmbeddingModelFormatTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly SentenceEncoder _start = TinyEncoder.Load();
    private readonly SentenceRow[] _rows = SentenceRow.Many(60);

    [TestCleanup]
    public void Clean()
    {
        _start.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void A_loaded_model_gives_the_same_vectors_to_the_last_bit()
    {
        using var model = Fit();
        using var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(Save(model), out var schema);
        Assert.IsNotNull(schema.GetColumnOrNull("Anchor"));
        float[][] expected = model.Transform(Data()).GetColumn<float[]>("Features").ToArray();
        float[][] actual = loaded.Transform(Data()).GetColumn<float[]>("Features").ToArray();
        for (int i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i]);
    }

    [TestMethod]
    public void A_saved_loaded_model_is_saved_and_loaded_again()
    {
        using var model = Fit();
        string first = Save(model);
        using var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(first, out _);
        string second = Save(loaded);
        foreach (string entry in SavedModel.Entries(first)) CollectionAssert.AreEqual(
            SavedModel.Content(first, entry), SavedModel.Content(second, entry), entry);
    }

    [TestMethod]
    public void The_training_summary_travels_along()
    {
        using var model = Fit();
        using var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(Save(model), out _);
        var (expected, actual) = (model.Training!, loaded.Training!);
        Assert.AreEqual(expected with { Evaluations = [], Settings = actual.Settings, Warnings = actual.Warnings },
            actual with { Evaluations = [] } with { Evaluations = [] }, "figures");
        Assert.IsNotEmpty(expected.Evaluations);
        CollectionAssert.AreEqual(
            expected.Evaluations.Select(e => (e.Step, e.Score)).ToArray(), actual.Evaluations.Select(e => (e.Step, e.Score)).ToArray());
        CollectionAssert.AreEquivalent(expected.Evaluations[0].Metrics.ToArray(), actual.Evaluations[0].Metrics.ToArray());
        CollectionAssert.AreEquivalent(expected.Settings.ToArray(), actual.Settings.ToArray());
        CollectionAssert.AreEqual(expected.Warnings.ToArray(), actual.Warnings.ToArray());
    }

    [TestMethod]
    public void A_loaded_model_owns_its_encoder_even_where_the_saved_one_did_not()
    {
        string path = Save(SavedModel.Step(_ml, _start));
        var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(path, out _);
        Assert.IsNull(loaded.Training);
        CollectionAssert.AreEqual(_start.Encode(["a cat"])[0], loaded.Encoder.Encode(["a cat"])[0]);
        loaded.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => loaded.Encoder.Encode(["a cat"]));
        Assert.HasCount(1, _start.Encode(["a cat"]));
    }

    [TestMethod]
    public void A_chain_with_a_trainer_predicts_the_same_after_loading()
    {
        using var model = _ml.Transforms.ApplySentenceEncoder("Features", "Anchor", _start)
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(Data());
        string path = Save(model);
        CollectionAssert.Contains(SavedModel.Entries(path), "TransformerChain/Transform_000/encoder/model.safetensors");
        var loaded = _ml.Model.Load(path, out _);
        CollectionAssert.AreEqual(
            model.Transform(Data()).GetColumn<float>("Score").ToArray(), loaded.Transform(Data()).GetColumn<float>("Score").ToArray());
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    public void The_batch_size_that_the_last_digits_depend_on_is_kept()
    {
        using var encoder = TinyEncoder.Load(options: new() { MaxTokensPerBatch = 77 });
        using var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(Save(SavedModel.Step(_ml, encoder)), out _);
        Assert.AreEqual(77, loaded.Encoder.Options.MaxTokensPerBatch);
    }

    [TestMethod]
    public void A_file_of_format_1_1_loads_and_unknown_properties_are_passed_over()
    {
        // 1.1 had no report of a synthesis.
        string path = SavedModel.With(
            SaveStart(), SavedModel.Header, h
            => SavedModel.OfVersion(SavedModel.WithJson(h, "\"Synthesis\":", "\"NotKnown1\":"), 0x00010001));
        using var loaded = (SynCseEmbeddingTransformer)_ml.Model.Load(path, out _);
        Assert.IsNull(loaded.Synthesis);
        CollectionAssert.AreEqual(_start.Encode(["a cat"])[0], loaded.Encoder.Encode(["a cat"])[0]);
    }

    [TestMethod]
    public void The_zip_is_an_encoder_too()
    {
        using var model = Fit();
        using var encoder = SentenceEncoder.Load(Save(model));
        CollectionAssert.AreEqual(model.Encoder.Encode(["a cat"])[0], encoder.Encode(["a cat"])[0]);
    }

    [TestMethod]
    public void The_names_in_the_format_are_frozen()
    {
        using var model = Fit();
        byte[] header = SavedModel.Content(Save(model), SavedModel.Header);
        Assert.AreEqual("SYNCSEMB", TextEncoding.ASCII.GetString(header, 64, 8));
        Assert.AreEqual(0x00010001u, BitConverter.ToUInt32(header, 76));
        Assert.AreEqual("SynCseEmbedding", TextEncoding.ASCII.GetString(header, 80, 24).TrimEnd('\0'));
        Assert.AreNotEqual(-1, header.AsSpan().IndexOf(TextEncoding.Unicode.GetBytes("Microsoft.ML.SynCse")));
        Assert.AreEqual(-1, header.AsSpan().IndexOf(TextEncoding.Unicode.GetBytes("Microsoft.ML.SynCse,")),
            "a version in the name would bind the file to it");
    }

    [TestMethod]
    [DataRow("TransformerChain/encoder/model.safetensors")]
    [DataRow("TransformerChain/encoder/config.json")]
    public void A_changed_file_of_the_encoder_is_named(string entry)
    {
        var error = Fails(SavedModel.With(SaveStart(), entry, SavedModel.FlipABit));
        StringAssert.Contains(error.Message, $"The file '{entry}' in the model is damaged");
    }

    [TestMethod]
    [DataRow("TransformerChain/encoder/model.safetensors")]
    [DataRow("TransformerChain/encoder/modules.json")]
    public void A_missing_file_of_the_encoder_is_named(string entry)
    {
        var error = Fails(SavedModel.With(SaveStart(), entry, _ => null));
        StringAssert.Contains(error.Message, $"The file '{entry}' is missing in the model");
    }

    [TestMethod]
    public void A_damaged_header_is_one_error()
    {
        var error = Fails(SavedModel.With(SaveStart(), SavedModel.Header, header =>
        {
            header[header.AsSpan().IndexOf("\"OutputColumn\""u8) + 16] ^= 1;
            return header;
        }));
        StringAssert.Contains(error.Message, "The header of the SynCse embedding in 'TransformerChain' of the model is damaged");
    }

    [TestMethod]
    public void A_later_format_is_one_error_with_both_versions()
    {
        var error = Fails(SavedModel.With(SaveStart(), SavedModel.Header, SavedModel.OfALaterVersion));
        StringAssert.Contains(error.Message,
            "saved by a later version of the package SynCse (format 2.3; this one reads up to 1.4). Update it.");
    }

    [TestMethod]
    public void A_name_that_leads_out_of_the_folder_is_refused()
    {
        var listed = Fails(
            SavedModel.With(SaveStart(), SavedModel.Header, header => SavedModel.WithJson(header, "\"config.json\"", "\"../fig.json\"")));
        StringAssert.Contains(listed.Message, "'../fig.json' outside the folder 'TransformerChain/encoder'");

        string path = SaveStart(), modules = "TransformerChain/encoder/modules.json";
        string before = Convert.ToHexString(SHA256.HashData(SavedModel.Content(path, modules)));
        string changed =
            SavedModel.With(path, modules,
            content => TextEncoding.UTF8.GetBytes(TextEncoding.UTF8.GetString(content).Replace("1_Pooling", "../../../")));
        string after = Convert.ToHexString(SHA256.HashData(SavedModel.Content(changed, modules)));
        var pointed = Fails(SavedModel.With(changed, SavedModel.Header, header => SavedModel.WithJson(header, before, after)));
        StringAssert.Contains(
            pointed.Message,
            "'modules.json' in 'TransformerChain/encoder' names a module's folder '../../..', which is outside the folder of the model");
    }

    [TestMethod]
    [DataRow("\"config.json\"", "null         ", DisplayName = "a file without a name")]
    [DataRow("\"modules.json\"", "\"config.json\" ", DisplayName = "a file twice")]
    public void A_list_of_files_that_cannot_be_is_one_error(string old, string replacement)
    {
        var error = Fails(SavedModel.With(SaveStart(), SavedModel.Header, header => SavedModel.WithJson(header, old, replacement)));
        StringAssert.Contains(error.Message, "The list of the encoder's files in 'TransformerChain/encoder' of the model is damaged");
    }

    [TestMethod]
    [DataRow(0.1)]
    [DataRow(0.5)]
    [DataRow(0.99)]
    public void A_truncated_zip_is_one_error(double share)
    {
        string path = SaveStart();
        using (var stream = File.OpenWrite(path)) stream.SetLength((long)(stream.Length * share));
        Fails(path);
    }

    [TestMethod]
    public void Whatever_byte_is_flipped_the_vectors_are_right_or_there_is_an_error()
        => FlipBytes(path => ((SynCseEmbeddingTransformer)_ml.Model.LoadWithDiagnostics(path, out _)).Encoder);

    [TestMethod]
    public void It_is_so_too_where_the_zip_is_read_as_an_encoder() => FlipBytes(path => SentenceEncoder.Load(path));

    private void FlipBytes(Func<string, SentenceEncoder> load)
    {
        string path = SaveStart();
        byte[] whole = File.ReadAllBytes(path);
        float[] expected = _start.Encode(["a cat is nice"])[0];
        var random = new Random(3);
        int errors = 0;
        for (int trial = 0; trial < 60; trial++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                using var encoder = load(path);
                CollectionAssert.AreEqual(expected, encoder.Encode(["a cat is nice"])[0], $"trial {trial}");
            }
            catch (Exception error) when (error is InvalidDataException or InvalidOperationException or IOException)
            {
                errors++;
                StringAssert.Contains(error.Message, path);
            }
        }
        Assert.IsGreaterThan(30, errors);
    }

    private InvalidDataException Fails(string path)
    {
        // ML.NET's own Load says it too, under layers of its own.
        try
        {
            _ml.Model.Load(path, out _);
            Assert.Fail("it loaded");
        }
        catch (Exception error) when (error is not AssertFailedException)
        {
            Assert.IsNotInstanceOfType<NullReferenceException>(error.GetBaseException());
        }
        var explained = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadWithDiagnostics(path, out _));
        StringAssert.StartsWith(explained.Message, $"The model '{path}' does not load: ");
        return explained;
    }

    private SynCseEmbeddingTransformer Fit()
        => _ml.Transforms.SynCseEmbedding(
            "Features", "Anchor", "Positive", "Negative",
            new() { Encoder = _start, Training = new() { BatchSize = 8, LearningRate = 1e-3 } }).Fit(Data());

    private string SaveStart() => Save(SavedModel.Step(_ml, _start));

    private string Save(ITransformer model)
    {
        string path = _folder.New("model.zip");
        _ml.Model.Save(model, Data().Schema, path);
        return path;
    }

    private IDataView Data() => _ml.Data.LoadFromEnumerable(_rows);
}
