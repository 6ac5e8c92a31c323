using System.Buffers.Binary;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What real checkpoints look like beside the plain case: other names, buffers, heads, shared tensors, half precision, a folder
/// below.</summary>
[TestClass]
public sealed class OddFoldersTests
{
    private static readonly string[] _sentences = ["a cat", "my dog is late", ""];
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("bert", "bert.", "embeddings.")]
    [DataRow("roberta", "roberta.", "lm_head.")]
    [DataRow("bert", "", "cls.")]
    [DataRow("roberta", "", "classifier.")]
    public void A_prefix_buffers_and_heads_change_nothing(string modelType, string prefix, string head)
    {
        string folder = Folder(modelType);
        using var plain = SentenceEncoder.Load(folder);
        RewriteWeights(folder, (entries, data) =>
        {
            Rename(entries, name => prefix + name);
            Append(entries, data, prefix + "embeddings.position_ids", "I64", [1, 40], new byte[320]);
            Append(entries, data, prefix + "embeddings.token_type_ids", "I64", [1, 40], new byte[320]);
            Append(entries, data, prefix + "pooler.dense.weight", "F32", [3, 3], new byte[36]);
            Append(entries, data, head + "predictions.bias", "F16", [7], new byte[14]);
            Append(entries, data, "scale", "U8", [], new byte[1]);
        });
        AssertSame(plain, folder);
    }

    [TestMethod]
    public void Half_precision_with_the_old_names_of_layer_norms_is_read()
    {
        string folder = Folder("bert");
        string file = Path.Combine(folder, "model.safetensors");
        HalfSafetensors.Rewrite(file, torch.ScalarType.Float16);
        using var plain = SentenceEncoder.Load(folder);
        RewriteWeights(folder, (entries, _) => Rename(entries, name
            => "bert." + name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal)));
        AssertSame(plain, folder);
    }

    // What safetensors' save_model does to RoBERTa with its language head: one of the two names of the word embeddings stays, the other is
    // in the metadata.
    [TestMethod]
    public void A_tensor_kept_under_its_other_name_is_found()
    {
        string folder = Folder("roberta");
        using var plain = SentenceEncoder.Load(folder);
        RewriteWeights(folder, (entries, _) =>
        {
            const string Words = "embeddings.word_embeddings.weight";
            Rename(entries, name => name == Words ? "lm_head.decoder.weight" : "roberta." + name);
            entries["__metadata__"] = new JsonObject { ["format"] = "pt", ["roberta." + Words] = "lm_head.decoder.weight" };
        });
        AssertSame(plain, folder);
    }

    [TestMethod]
    public void One_tensor_under_two_names_of_ours_is_one()
    {
        string folder = Folder("bert");
        using var plain = SentenceEncoder.Load(folder);
        RewriteWeights(folder,
            (entries, _) => entries["__metadata__"] =
            new JsonObject { ["bert.embeddings.LayerNorm.weight"] = "embeddings.LayerNorm.weight" });
        AssertSame(plain, folder);
    }

    // Layer norms at the start are all ones and zeros, so one serves for two.
    [TestMethod]
    public void Two_tensors_that_share_their_bytes_are_two()
    {
        string folder = Folder("bert");
        using var plain = SentenceEncoder.Load(folder);
        RewriteWeights(folder, (entries, data) =>
        {
            const string Dropped = "encoder.layer.1.output.LayerNorm.weight", Kept = "encoder.layer.0.output.LayerNorm.weight";
            Remove(entries, data, Dropped);
            entries["__metadata__"] = new JsonObject { [Dropped] = Kept };
        });
        AssertSame(plain, folder);
    }

    [TestMethod]
    public void A_transformer_in_a_folder_of_its_own_is_read()
    {
        string folder = Folder("bert");
        using var plain = SentenceEncoder.Load(folder);
        Directory.CreateDirectory(Path.Combine(folder, "0_Transformer"));
        foreach (string? file in Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f) != "modules.json")) File.Move(
            file, Path.Combine(folder, "0_Transformer", Path.GetFileName(file)));
        string modules = Path.Combine(folder, "modules.json");
        File.WriteAllText(
            modules, File.ReadAllText(modules).Replace("\"path\": \"\"", "\"path\": \"0_Transformer\"", StringComparison.Ordinal));
        AssertSame(plain, folder);
        ShardedWeights.Split(Path.Combine(folder, "0_Transformer"), 2);
        AssertSame(plain, folder);
    }

    private static void AssertSame(SentenceEncoder plain, string folder)
    {
        long before = LiveTensors.Settled();
        using (var odd = SentenceEncoder.Load(folder)) Assert.AreEqual(
            0, Golden.WorstDifference(plain.Encode(_sentences), odd.Encode(_sentences)));
        Assert.AreEqual(before, torch.Tensor.TotalCount, "tensors left behind");
    }

    private string Folder(string modelType)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        string config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"bert\"", $"\"{modelType}\"", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), TinyTokenizer.Bert().ToJsonString());
        File.Delete(Path.Combine(folder, "tokenizer_config.json"));
        return folder;
    }

    private static void RewriteWeights(string folder, Action<JsonObject, List<byte>> change)
    {
        string path = Path.Combine(folder, "model.safetensors");
        byte[] whole = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        var entries = JsonNode.Parse(whole.AsSpan(8, length))!.AsObject();
        var data = whole[(8 + length)..].ToList();
        change(entries, data);
        byte[] json = System.Text.Encoding.UTF8.GetBytes(entries.ToJsonString());
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        File.WriteAllBytes(path, [.. prefix, .. json, .. data]);
    }

    private static void Rename(JsonObject entries, Func<string, string> change)
    {
        foreach (var (name, entry) in entries.Where(e => e.Key != "__metadata__").ToArray())
        {
            entries.Remove(name);
            entries[change(name)] = entry;
        }
    }

    private static void Append(JsonObject entries, List<byte> data, string name, string dtype, long[] shape, byte[] bytes)
    {
        int begin = data.Count;
        data.AddRange(bytes);
        entries[name] = new JsonObject
        {
            ["dtype"] = dtype,
            ["shape"] = new JsonArray([.. shape.Select(n => (JsonNode)n)]),
            ["data_offsets"] = new JsonArray(begin, data.Count)
        };
    }

    // Takes a tensor out; those behind it move up.
    private static void Remove(JsonObject entries, List<byte> data, string name)
    {
        int begin = (int)entries[name]!["data_offsets"]![0]!, end = (int)entries[name]!["data_offsets"]![1]!;
        entries.Remove(name);
        data.RemoveRange(begin, end - begin);
        foreach (var (_, entry) in entries.Where(e => e.Key != "__metadata__"))
        {
            var offsets = entry!["data_offsets"]!.AsArray();
            if ((int)offsets[0]! >= end) (offsets[0], offsets[1]) = ((int)offsets[0]! - (end - begin), (int)offsets[1]! - (end - begin));
        }
    }
}
