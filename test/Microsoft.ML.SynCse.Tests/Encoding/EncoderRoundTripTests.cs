using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Folders.Card;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Load, save, load: the same ids, vectors and tensors to the last bit, for every architecture there is.</summary>
[TestClass]
public sealed class EncoderRoundTripTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    [DataRow("golden/architectures/bert")]
    [DataRow("golden/architectures/bert-cased")]
    [DataRow("golden/architectures/roberta")]
    [DataRow("golden/architectures/xlm-roberta")]
    [DataRow("golden/architectures/mpnet")]
    [DataRow("golden/architectures/electra")]
    [DataRow("golden/architectures/distilbert")]
    [DataRow("models/all-MiniLM-L6-v2")]
    [DataRow("models/standin-encoder")]
    public void A_published_model_is_the_same_after_saving(string model)
    {
        string source = SharedFolder.Path(model);
        string first = _temporary.New("first"), second = _temporary.New("second");
        using var loaded = SentenceEncoder.Load(source);
        loaded.Save(first);
        using var again = SentenceEncoder.Load(first);
        again.Save(second);

        string[] texts = Texts();
        foreach (string text in texts) CollectionAssert.AreEqual(loaded.Tokenize(text).ToArray(), again.Tokenize(text).ToArray(), text);
        Assert.AreEqual(0, Golden.WorstDifference(loaded.Encode(texts), again.Encode(texts)));
        Assert.AreEqual((loaded.Pooling, loaded.Normalized, loaded.MaxSequenceLength, loaded.Dimensions),
            (again.Pooling, again.Normalized, again.MaxSequenceLength, again.Dimensions));
        AssertTensorsAreThoseOf(Path.Combine(source, "model.safetensors"), Path.Combine(first, "model.safetensors"));
        foreach (string? file in Files(first).Except(["README.md", ModelCardFile.FileName]))
            CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(first, file)), File.ReadAllBytes(Path.Combine(second, file)), file);
        CollectionAssert.AreEqual(Files(first), Files(second));
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void Everything_that_sentence_transformers_reads_is_there()
    {
        using var loaded = SentenceEncoder.Load(SharedFolder.Path("models/all-MiniLM-L6-v2"));
        string folder = _temporary.New("saved");
        loaded.Save(folder);
        foreach (string? file in new[] { "config.json", "model.safetensors", "tokenizer.json", "modules.json", "sentence_bert_config.json",
            "config_sentence_transformers.json", "1_Pooling/config.json", "README.md" })
            Assert.IsTrue(File.Exists(Path.Combine(folder, file)), file);
        string[] types = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "modules.json")))!.AsArray().Select(m => (string)m!["type"]!)
            .ToArray();
        CollectionAssert.AreEqual(
            new[] { "sentence_transformers.models.Transformer", "sentence_transformers.models.Pooling",
            "sentence_transformers.models.Normalize" }, types);
    }

    [TestMethod]
    [DataRow("torch_dtype")]
    [DataRow("dtype")]
    public void The_configuration_is_that_of_float32_weights_without_a_head(string field)
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        (config[field], config["architectures"], config["unknown_to_us"]) = ("float16", new JsonArray("BertForMaskedLM"), 5);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        string saved = _temporary.New("saved");
        using (var encoder = SentenceEncoder.Load(folder)) encoder.Save(saved);
        (config[field], config["architectures"]) = ("float32", new JsonArray("BertModel"));
        Assert.IsTrue(JsonNode.DeepEquals(config, JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "config.json")))));
    }

    private static string[] Texts()
    {
        var lines = File.ReadLines(SharedFolder.Path("golden/architectures/bert/expected-tokens.jsonl"));
        return [.. lines.Select(line => (string)JsonNode.Parse(line)!["text"]!)];
    }

    private static string[] Files(string folder)
        => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))
            .Order(StringComparer.Ordinal)];

    private static void AssertTensorsAreThoseOf(string original, string saved)
    {
        var (before, after) = (Tensors(original), Tensors(saved));
        Assert.IsNotEmpty(after);
        foreach (var (name, (dtype, bytes)) in after)
        {
            string key = before.Keys.Single(
                k => k == name || k.EndsWith("." + name, StringComparison.Ordinal) && before.Keys.All(other => other != name));
            if (before[key].Dtype == "F32") CollectionAssert.AreEqual(before[key].Bytes, bytes, name);
            Assert.AreEqual("F32", dtype, name);
        }
    }

    private static Dictionary<string, (string Dtype, byte[] Bytes)> Tensors(string path)
    {
        using var file = File.OpenRead(path);
        var tensors = new Dictionary<string, (string, byte[])>();
        foreach (var entry in SafetensorsHeader.Read(file, path))
        {
            byte[] bytes = new byte[entry.End - entry.Begin];
            file.ReadExactly(bytes);
            tensors[entry.Name] = (entry.Dtype, bytes);
        }
        return tensors;
    }
}
