using System.Text.Json.Nodes;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Onnx.Encoders;
using Onnx;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>An encoder over ONNX Runtime gives the vectors of the encoder that was exported.</summary>
[TestClass]
public sealed class OnnxSentenceEncoderTests
{
    private const double Tolerance = 1e-5;
    private static readonly string[] _texts = [.. TinyEncoder.Sentences(50), "", "a", string.Join(' ', Enumerable.Repeat("cat", 60))];
    private readonly TemporaryFolder _temporary = new();

    public static IEnumerable<object[]> Architectures() => GoldenRoot.Rows("architectures");

    [TestCleanup]
    public void Clean() => _temporary.Dispose();

    [TestMethod]
    [TestCategory(GoldenRoot.Category)]
    [DynamicData(nameof(Architectures))]
    public void A_saved_folder_of_every_architecture_gives_the_same_vectors(string architecture)
    {
        string folder = GoldenRoot.Find("architectures", architecture);
        string[] texts = [.. GoldenTokens.ReadFile(Path.Combine(folder, "expected-tokens.jsonl")).Select(row => row.Text)];
        using var torch = SentenceEncoder.Load(folder, new() { MaxSequenceLength = 64, Normalize = true });
        using var onnx = OnnxSentenceEncoder.Load(Saved(torch));
        Assert.AreEqual(
            (torch.Dimensions, torch.MaxSequenceLength, torch.Normalized), (onnx.Dimensions, onnx.MaxSequenceLength, onnx.Normalized));
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.Encode(texts), onnx.Encode(texts)));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void The_number_of_threads_changes_nothing(int threads)
    {
        using var torch = TinyEncoder.Load(normalize: true);
        using var onnx = OnnxSentenceEncoder.Load(Saved(torch), new() { Threads = threads, MaxTokensPerBatch = 64 });
        foreach (int count in new[] { 1, 2, 3, 53 })
            Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.Encode(_texts[..count]), onnx.Encode(_texts[..count])));
    }

    [TestMethod]
    [DataRow(true, false)]
    [DataRow(false, false)]
    [DataRow(false, true)]
    public void Prompts_are_those_of_the_folder(bool pooled, bool withoutPooling)
    {
        string folder = Saved(TinyEncoder.Load(normalize: true));
        Edit(folder, "config_sentence_transformers.json", json =>
        {
            json["prompts"] = new JsonObject { ["query"] = "my order: ", ["document"] = "your house " };
            json["default_prompt_name"] = "query";
        });
        Edit(folder, "1_Pooling/config.json", json => json["include_prompt"] = pooled);
        using var torch = SentenceEncoder.Load(folder);
        string saved = Saved(torch);
        if (withoutPooling) Change(saved, model => Remove(model, "sentence_embedding"));
        using var onnx = OnnxSentenceEncoder.Load(saved);
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.Encode(_texts), onnx.Encode(_texts)));
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.EncodeDocument(_texts), onnx.EncodeDocument(_texts)));
        Assert.IsLessThanOrEqualTo(
            Tolerance, Golden.WorstDifference(torch.Encode(_texts, new() { Prompt = "" }), onnx.Encode(_texts, new() { Prompt = "" })));
    }

    [TestMethod]
    [DataRow(Pooling.Cls)]
    [DataRow(Pooling.Mean)]
    [DataRow(Pooling.Max)]
    public void A_graph_that_only_gives_token_vectors_is_pooled_by_modules_json(Pooling pooling)
    {
        using var start = TinyEncoder.Load(normalize: true, options: new() { Pooling = pooling, Normalize = true });
        using var trained = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(20), new() { BatchSize = 4, ValidationFraction = 0, ProjectionHead = ProjectionHead.Mlp });
        string folder = Saved(trained.Encoder);
        Change(folder, model => Remove(model, "sentence_embedding"));
        using var onnx = OnnxSentenceEncoder.Load(folder);
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(trained.Encoder.Encode(_texts), onnx.Encode(_texts)));
    }

    [TestMethod]
    public async Task Large_weights_lie_in_a_file_beside_the_model()
    {
        using var torch = TinyEncoder.Load();
        string folder = Saved(torch, new() { LargestFile = 1000 });
        string data = Path.Combine(folder, "onnx", "model.onnx_data");
        Assert.IsGreaterThan(10_000, new FileInfo(data).Length);
        using (var onnx = OnnxSentenceEncoder.Load(folder))
            Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.Encode(_texts), onnx.Encode(_texts)));
        using (var onnx = OnnxSentenceEncoder.Load(folder))
            Assert.HasCount(1, await onnx.GenerateAsync(["a cat"]));
        File.Delete(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => OnnxSentenceEncoder.Load(folder)).Message, "model.onnx_data");
    }

    [TestMethod]
    [DataRow(OnnxQuantization.Int8ReducedRange)]
    [DataRow(OnnxQuantization.Int8)]
    public void Int8_is_near_float32(OnnxQuantization quantization)
    {
        if (quantization == OnnxQuantization.Int8 && !Int8Support.IsExact)
            Assert.Inconclusive("This processor does not add 8-bit products exactly.");
        using var torch = TinyEncoder.Load(normalize: true);
        var options = new OnnxExportOptions { Quantization = quantization };
        using var onnx = OnnxSentenceEncoder.Load(Saved(torch, options));
        Assert.IsGreaterThan(0.99, torch.Encode(_texts).Zip(onnx.Encode(_texts)).Min(pair => VectorMath.Cosine(pair.First, pair.Second)));
        using var named = OnnxSentenceEncoder.Load(Saved(torch, options), new() { File = options.File, Threads = 1 });
        Assert.AreEqual(0, Golden.WorstDifference(onnx.Encode([_texts[0]]), named.Encode([_texts[0]])));
    }

    [TestMethod]
    public void A_file_that_the_processor_computes_wrongly_has_a_warning()
    {
        var (none, ours) = (new Dictionary<string, string>(), new Dictionary<string, string> { ["syncse.quantization"] = "Int8" });
        StringAssert.Contains(OnnxFileCheck.Warning(ours, "onnx/any.onnx", isExact: false), "OnnxQuantization.Int8ReducedRange");
        StringAssert.Contains(OnnxFileCheck.Warning(none, "onnx/model_qint8_avx512_vnni.onnx", isExact: false), "8-bit weights");
        Assert.IsNull(OnnxFileCheck.Warning(ours, "onnx/any.onnx", isExact: true));
        Assert.IsNull(OnnxFileCheck.Warning(none, "onnx/model.onnx", isExact: false));
        ours["syncse.quantization"] = "Int8ReducedRange";
        Assert.IsNull(OnnxFileCheck.Warning(ours, "onnx/model_qint8_avx512_vnni.onnx", isExact: false));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Threads_of_a_torch_encoder_change_nothing_in_its_vectors(int threads)
    {
        using var whole = TinyEncoder.Load(normalize: true);
        using var some = TinyEncoder.Load(normalize: true, options: new() { Threads = threads, MaxTokensPerBatch = 64 });
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(whole.Encode(_texts), some.Encode(_texts)));
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(whole.Encode(["a cat"]), some.Encode(["a cat"])));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TinyEncoder.Load(options: new() { Threads = 0 })).Message, "Threads");
    }

    [TestMethod]
    public void It_is_a_step_of_a_pipeline_and_its_zip_opens_again()
    {
        using var torch = TinyEncoder.Load(normalize: true);
        using var onnx = OnnxSentenceEncoder.Load(Saved(torch));
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(_texts.Select(text => new Row { Text = text }));
        var model = ml.Transforms.ApplySentenceEncoder("Features", "Text", onnx).Fit(data);
        string zip = _temporary.New("model") + ".zip";
        ml.Model.Save(model, data.Schema, zip);
        using var loaded = (TextEncoderTransformer)new MLContext(seed: 2).Model.Load(zip, out _);
        Assert.IsInstanceOfType<OnnxSentenceEncoder>(loaded.Encoder);
        float[][] vectors = [.. loaded.Transform(data).GetColumn<float[]>("Features")];
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.Encode(_texts), vectors));
        // Saved once more, after the file it came from is gone.
        string again = _temporary.New("again") + ".zip";
        File.Delete(zip);
        ml.Model.Save(loaded, data.Schema, again);
        using var second = (TextEncoderTransformer)new MLContext(seed: 3).Model.Load(again, out _);
        Assert.AreEqual(0, Golden.WorstDifference(loaded.Encoder.Encode(_texts), second.Encoder.Encode(_texts)));
    }

    [TestMethod]
    public void ToOnnx_replaces_the_torch_step_of_a_chain_and_keeps_its_scores()
    {
        using var torch = TinyEncoder.Load(normalize: true);
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(_texts.Select((text, i) => new Row { Text = text, Label = i % 2 == 0 }));
        var chain = ml.Transforms.ApplySentenceEncoder("Features", "Text", torch)
            .Append(ml.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(data);
        var deployed = ml.Model.ToOnnx(chain);
        string zip = _temporary.New("deployed") + ".zip";
        ml.Model.Save(deployed, data.Schema, zip);
        ((IDisposable)deployed).Dispose();
        using var loaded = (IDisposable)ml.Model.Load(zip, out _);
        float[] expected = [.. chain.Transform(data).GetColumn<float>("Score")],
            scores = [.. ((ITransformer)loaded).Transform(data).GetColumn<float>("Score")];
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], scores[i], 1e-4f);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => ml.Model.ToOnnx((ITransformer)loaded)).Message, "nothing to replace");
    }

    [TestMethod]
    public void ApplyOnnxModel_of_ML_NET_reads_the_file()
    {
        using var torch = TinyEncoder.Load(normalize: true);
        string file = _temporary.New("model") + ".onnx";
        torch.ExportOnnx(file);
        var ml = new MLContext(seed: 1);
        string text = "my order was late";
        long[] ids = [.. torch.Tokenize(text).Select(id => (long)id)];
        int length = ids.Length;
        var shapes = new Dictionary<string, int[]>
        {
            ["input_ids"] = [1, length],
            ["attention_mask"] = [1, length],
            ["token_type_ids"] = [1, length],
        };
        var schema = SchemaDefinition.Create(typeof(Tokens));
        foreach (var column in schema) column.ColumnType = new VectorDataViewType(NumberDataViewType.Int64, length);
        var data = ml.Data.LoadFromEnumerable(
            [new Tokens { input_ids = ids, attention_mask = [.. ids.Select(_ => 1L)], token_type_ids = new long[length] }], schema);
        var model = ml.Transforms.ApplyOnnxModel(new[] { "sentence_embedding" }, [.. shapes.Keys], file, shapes, null, false).Fit(data);
        float[] vector = model.Transform(data).GetColumn<float[]>("sentence_embedding").Single();
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(torch.Encode([text]), [vector]));
    }

    private string Saved(SentenceEncoder encoder, OnnxExportOptions? options = null)
    {
        string folder = _temporary.New("saved");
        encoder.Save(folder, new SaveOptions { Onnx = options ?? new() });
        return folder;
    }

    private static void Edit(string folder, string file, Action<JsonObject> edit)
    {
        string path = Path.Combine(folder, file);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void Change(string folder, Action<ModelProto> change)
        => OnnxFile.Change(Path.Combine(folder, "onnx", "model.onnx"), change);

    private static void Remove(ModelProto model, string output)
        => model.Graph.Output.Remove(model.Graph.Output.Single(o => o.Name == output));

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class Tokens
    {
#pragma warning disable IDE1006 // the names of the graph's inputs
        public long[] input_ids { get; set; } = [];

        public long[] attention_mask { get; set; } = [];

        public long[] token_type_ids { get; set; } = [];
#pragma warning restore IDE1006
    }
}

/// <summary>Changes ONNX files for tests.</summary>
internal static class OnnxFile
{
    public static void Change(string path, Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        change(model);
        using var stream = File.Create(path);
        using var output = new Google.Protobuf.CodedOutputStream(stream);
        model.WriteTo(output);
    }
}
