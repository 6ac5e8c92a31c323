using System.Reflection;
using Microsoft.ML.SynCse.MLNet;
using Microsoft.ML.SynCse.Native;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What of an encoder's options a saved model keeps, on machines with bfloat16 and without. libtorch computes in it everywhere,
/// only slowly, so that both can be played on any machine.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SavedPrecisionTests
{
    private const int VersionReadableAt = 76;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    [TestCleanup]
    public void Clean()
    {
        BFloat16Support.Pretended.Value = null;
        AppContext.SetSwitch(PrecisionFallback.Switch, false);
        _folder.Dispose();
    }

    [TestMethod]
    public void A_model_in_bfloat16_is_loaded_in_bfloat16_with_the_same_vectors()
    {
        BFloat16Support.Pretended.Value = true;
        using var encoder = TinyEncoder.Load(options: new() { Precision = Precision.BFloat16 });
        string path = Save(encoder);
        using var loaded = Load(path);
        Assert.AreEqual(Precision.BFloat16, loaded.Encoder.Precision);
        CollectionAssert.AreEqual(encoder.Encode(["a cat is late"])[0], loaded.Encoder.Encode(["a cat is late"])[0]);
        using var whole = TinyEncoder.Load();
        CollectionAssert.AreNotEqual(whole.Encode(["a cat is late"])[0], loaded.Encoder.Encode(["a cat is late"])[0]);
        using var again = Load(Save(loaded.Encoder));
        Assert.AreEqual(Precision.BFloat16, again.Encoder.Precision);
    }

    [TestMethod]
    public void A_machine_without_it_says_so_with_the_model_the_option_and_the_switch()
    {
        string path = SaveInBFloat16();
        BFloat16Support.Pretended.Value = false;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.LoadWithDiagnostics(path, out _));
        foreach (string? part in new[] { path, "'Anchor' -> 'Features'", "SentenceEncoderOptions.Precision = BFloat16",
            "this CPU has neither AVX512-BF16 nor AMX-BF16", "AppContext.SetSwitch(\"Microsoft.ML.SynCse.AllowPrecisionFallback\", true)" })
            StringAssert.Contains(error.Message, part);
        Assert.IsInstanceOfType<NotSupportedException>(error.GetBaseException());
        // ML.NET's own Load has it under its layers.
        StringAssert.Contains(Assert.Throws<Exception>(() => _ml.Model.Load(path, out _)).GetBaseException().Message,
                "AllowPrecisionFallback");
    }

    [TestMethod]
    public void Asked_to_it_falls_back_to_float32_and_the_log_says_so()
    {
        string path = SaveInBFloat16();
        BFloat16Support.Pretended.Value = false;
        AppContext.SetSwitch(PrecisionFallback.Switch, true);
        var log = new MLLog(_ml);
        using var loaded = Load(path);
        Assert.AreEqual(Precision.Float32, loaded.Encoder.Precision);
        StringAssert.Contains(log.Text,
            "Warning: The SynCse embedding 'Anchor' -> 'Features' of the model was saved with SentenceEncoderOptions.Precision = BFloat16");
        StringAssert.Contains(log.Text, "it computes in Float32 here");
        using var whole = TinyEncoder.Load();
        CollectionAssert.AreEqual(whole.Encode(["a cat is late"])[0], loaded.Encoder.Encode(["a cat is late"])[0]);
    }

    [TestMethod]
    public void The_switch_changes_nothing_where_the_machine_has_it()
    {
        string path = SaveInBFloat16();
        AppContext.SetSwitch(PrecisionFallback.Switch, true);
        using var loaded = Load(path);
        Assert.AreEqual(Precision.BFloat16, loaded.Encoder.Precision);
    }

    [TestMethod]
    public void A_folder_is_loaded_in_float32_there_where_the_option_asks_for_it()
    {
        BFloat16Support.Pretended.Value = false;
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(()
            => TinyEncoder.Load(options: new() { Precision = Precision.BFloat16 })).Message,
                "SentenceEncoderOptions.Precision is BFloat16, but this CPU");
        var asked = new SentenceEncoderOptions
        {
            Precision = Precision.BFloat16,
            AllowPrecisionFallback = true,
            MaxTokensPerBatch = 77,
            MaxSequenceLength = 9,
            Normalize = true,
            Pooling = Pooling.Max,
            Device = "cpu",
        };
        using (var encoder = TinyEncoder.Load(options: asked))
        {
            Assert.AreEqual((Precision.Float32, 9, true, Pooling.Max), (encoder.Precision, encoder.MaxSequenceLength, encoder.Normalized,
                encoder.Pooling));
            foreach (var property in Options().Where(p => p.Name != "Precision"))
                Assert.AreEqual(property.GetValue(asked), property.GetValue(encoder.Options), property.Name);
        }
        BFloat16Support.Pretended.Value = true;
        using var half = TinyEncoder.Load(options: asked);
        Assert.AreEqual(Precision.BFloat16, half.Precision);
    }

    [TestMethod]
    public void Versions_that_would_compute_in_float32_refuse_it_and_float32_models_stay_theirs()
    {
        BFloat16Support.Pretended.Value = true;
        using var whole = TinyEncoder.Load();
        using var half = TinyEncoder.Load(options: new() { Precision = Precision.BFloat16 });
        Assert.AreEqual(0x00010001u, BitConverter.ToUInt32(SavedModel.Content(Save(whole), SavedModel.Header), VersionReadableAt));
        Assert.AreEqual(0x00010004u, BitConverter.ToUInt32(SavedModel.Content(Save(half), SavedModel.Header), VersionReadableAt));
    }

    [TestMethod]
    public void A_model_of_an_earlier_format_is_in_float32_and_a_precision_that_there_is_not_is_damage()
    {
        using var encoder = TinyEncoder.Load();
        string path = Save(encoder);
        using var earlier = Load(SavedModel.With(path, SavedModel.Header,
            h => SavedModel.OfVersion(SavedModel.WithJson(h, "\"Precision\":", "\"NotKnown1\":"), 0x00010003)));
        Assert.AreEqual(Precision.Float32, earlier.Encoder.Precision);
        foreach (string? other in new[] { "\"Float64\"", "7        " })
        {
            string damaged = SavedModel.With(path, SavedModel.Header, h
                => SavedModel.WithJson(h, "\"Precision\":\"Float32\"", $"\"Precision\":{other}"));
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadWithDiagnostics(damaged, out _)).Message,
                "The header of the SynCse embedding");
        }
    }

    [TestMethod]
    public void Every_option_of_an_encoder_travels_along_or_is_known_not_to()
    {
        // The machine's, the application's, and how to load.
        string[] left = ["Device", "Threads", "AllowPrecisionFallback", "Logger"];
        BFloat16Support.Pretended.Value = true;
        var changed = new SentenceEncoderOptions
        {
            MaxSequenceLength = 9,
            Pooling = Pooling.AverageFirstLast,
            Normalize = true,
            Precision = Precision.BFloat16,
            MaxTokensPerBatch = 77,
        };
        using var encoder = TinyEncoder.Load(options: changed);
        using var loaded = Load(Save(encoder));
        var effective = new Dictionary<string, Func<SentenceEncoder, object>>
        {
            ["MaxSequenceLength"] = e => e.MaxSequenceLength,
            ["Pooling"] = e => e.Pooling,
            ["Normalize"] = e => e.Normalized,
            ["Precision"] = e => e.Precision,
            ["MaxTokensPerBatch"] = e => e.Options.MaxTokensPerBatch,
        };
        foreach (var property in Options().Where(p => !left.Contains(p.Name)))
        {
            Assert.AreNotEqual(property.GetValue(new SentenceEncoderOptions()), property.GetValue(changed),
                $"the test does not change {property.Name}");
            Assert.IsTrue(effective.TryGetValue(property.Name, out var read), $"nobody knows whether a saved model keeps {property.Name}");
            Assert.AreEqual(property.GetValue(changed), read(loaded.Encoder), property.Name);
        }
        CollectionAssert.AreEqual(encoder.Encode(["my order was late"])[0], loaded.Encoder.Encode(["my order was late"])[0]);
    }

    private static IEnumerable<PropertyInfo> Options() => typeof(SentenceEncoderOptions)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private string SaveInBFloat16()
    {
        BFloat16Support.Pretended.Value = true;
        using var encoder = TinyEncoder.Load(options: new() { Precision = Precision.BFloat16 });
        return Save(encoder);
    }

    private string Save(SentenceEncoder encoder)
    {
        var data = _ml.Data.LoadFromEnumerable(SentenceRow.Many(2));
        string path = _folder.New("model.zip");
        _ml.Model.Save(SavedModel.Step(_ml, encoder), data.Schema, path);
        return path;
    }

    private SynCseEmbeddingTransformer Load(string path) => (SynCseEmbeddingTransformer)_ml.Model.Load(path, out _);
}
