using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>model.safetensors.index.json and its shards are one file, or one clear error.</summary>
[TestClass]
public sealed class ShardedWeightsTests
{
    private const string Norm = "embeddings.LayerNorm.weight";
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void Shards_give_the_vectors_of_the_one_file()
    {
        using var sharded = SentenceEncoder.Load(Folder());
        using var whole = TinyEncoder.Load(normalize: true);
        Assert.AreEqual(0, Golden.WorstDifference(whole.Encode(["a cat", "my dog is late"]), sharded.Encode(["a cat", "my dog is late"])));
    }

    [TestMethod]
    public void Shards_in_a_zip_are_read_too()
    {
        string zip = EncoderZip.Pack(_temporary, Folder());
        using var sharded = SentenceEncoder.Load(zip);
        using var whole = TinyEncoder.Load(normalize: true);
        Assert.AreEqual(0, Golden.WorstDifference(whole.Encode(["a cat"]), sharded.Encode(["a cat"])));
    }

    [TestMethod]
    public void The_one_file_counts_where_both_are_there()
    {
        string folder = Folder();
        File.Copy(Path.Combine(TinyEncoder.WriteFolder(_temporary), "model.safetensors"), Path.Combine(folder, "model.safetensors"));
        File.Delete(Path.Combine(folder, ShardedWeights.Name(0, 3)));
        SentenceEncoder.Load(folder).Dispose();
    }

    [TestMethod]
    public void A_missing_shard_is_named()
        => AssertRefused(
        folder => File.Delete(Path.Combine(folder, ShardedWeights.Name(1, 3))), "index.json",
        "names the shard 'model-00002-of-00003.safetensors', which is missing");

    [TestMethod]
    public void A_tensor_its_shard_lacks_is_named()
        => AssertRefused(
            folder => Map(folder, map => map["some.other"] = ShardedWeights.Name(1, 3)), "'model-00002-of-00003.safetensors' in",
            "lacks the tensor some.other", "index.json");

    [TestMethod]
    public void A_tensor_nobody_lists_is_missing()
        => AssertRefused(folder => Map(folder, map => map.Remove(Norm)), "index.json", "lacks 1 tensor", Norm);

    [TestMethod]
    public void A_tensor_in_two_shards_is_named() => AssertRefused(folder =>
    {
        string place = Path.Combine(folder, (string)ReadMap(folder)[Norm]!);
        string other = Enumerable.Range(0, 3).Select(i => Path.Combine(folder, ShardedWeights.Name(i, 3))).First(p => p != place);
        using var scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors;
        using (var stream = File.OpenRead(other)) tensors = SafetensorsReader.Read(stream, other, (_, _) => _ => true);
        tensors[Norm] = torch.ones(TinyEncoder.Dimensions);
        using (var stream = File.Create(other)) SafetensorsWriter.Write(stream, tensors);
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }, "holds the tensor " + Norm, "index.json");

    [TestMethod]
    [DataRow("../model-00001-of-00003.safetensors")]
    [DataRow("/etc/model.safetensors")]
    [DataRow("sub/model.safetensors")]
    [DataRow("C:\\model.safetensors")]
    [DataRow("..")]
    [DataRow("")]
    public void A_shard_that_does_not_lie_beside_the_index_is_refused(string name)
        => AssertRefused(folder => Map(folder, map => map[Norm] = name), "index.json", $"names the shard '{name}'", "beside the index");

    [TestMethod]
    public void A_shard_of_another_kind_is_refused()
        => AssertRefused(
        folder => Map(folder, map => map[Norm] = "pytorch_model.bin"), "index.json", "'pytorch_model.bin'", "must be a .safetensors file");

    [TestMethod]
    [DataRow("""{"weight_map": {}}""", "has no weight_map")]
    [DataRow("""{"weight_map": []}""", "has no weight_map")]
    [DataRow("""{}""", "has no weight_map")]
    [DataRow("""[]""", "not a JSON object")]
    [DataRow("""{"weight_map": {"a": 1}}""", "the shard of the tensor a is not a text")]
    [DataRow("""{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}""", "'a' is there twice")]
    public void A_broken_index_is_named(string json, string reason)
        => AssertRefused(
            folder => File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), json), "'model.safetensors.index.json'",
            reason);

    [TestMethod]
    public void A_damaged_shard_is_named() => AssertRefused(folder =>
    {
        using var file = File.OpenWrite(Path.Combine(folder, ShardedWeights.Name(2, 3)));
        file.SetLength(file.Length - 4);
    }, "'model-00003-of-00003.safetensors'", "is damaged");

    private string Folder()
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        ShardedWeights.Split(folder, 3);
        return folder;
    }

    private static JsonObject ReadMap(string folder)
        => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "model.safetensors.index.json")))!["weight_map"]!.AsObject();

    private static void Map(string folder, Action<JsonObject> change)
        => ShardedWeights.ChangeIndex(folder, json => change(json["weight_map"]!.AsObject()));

    private void AssertRefused(Action<string> damage, params string[] parts)
    {
        string folder = Folder();
        damage(folder);
        foreach (string? path in new[] { folder, EncoderZip.Pack(_temporary, folder) })
        {
            long before = LiveTensors.Settled();
            var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(path));
            foreach (string part in parts) Assert.Contains(part, error.Message);
            Assert.AreEqual(before, torch.Tensor.TotalCount, "tensors left behind");
        }
    }
}
