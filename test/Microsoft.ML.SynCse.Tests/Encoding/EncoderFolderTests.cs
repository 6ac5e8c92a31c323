using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What a folder may hold, and the one clear error where it holds something else.</summary>
[TestClass]
public sealed class EncoderFolderTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public void A_missing_folder_is_named()
        => Assert.Contains(
            "nowhere", Assert.ThrowsExactly<DirectoryNotFoundException>(()
            => SentenceEncoder.Load(Path.Combine(_temporary.Root, "nowhere"))).Message);

    [TestMethod]
    public void A_folder_without_config_json_is_named()
        => AssertRefused(folder => File.Delete(Path.Combine(folder, "config.json")), "has no config.json");

    [TestMethod]
    public void An_unknown_model_type_is_named()
        => AssertRefused(folder => Change(folder, c => c["model_type"] = "gpt9"), "model_type 'gpt9' is not supported", "bert");

    [TestMethod]
    public void Broken_json_is_named()
        => AssertRefused(folder => File.WriteAllText(Path.Combine(folder, "config.json"), "{"), "'config.json'", "not valid JSON");

    [TestMethod]
    [DataRow("num_hidden_layers", 1_000_000_000)]
    [DataRow("num_hidden_layers", 0)]
    [DataRow("hidden_size", -1)]
    [DataRow("vocab_size", 0)]
    [DataRow("max_position_embeddings", 1)]
    public void A_senseless_number_is_named_with_its_range(string field, int value)
        => AssertRefused(folder => Change(folder, c => c[field] = value), $"{field} is {value}", "must be a whole number from");

    [TestMethod]
    public void A_head_count_that_does_not_divide_is_named()
        => AssertRefused(folder => Change(folder, c => c["num_attention_heads"] = 3), "num_attention_heads 3");

    [TestMethod]
    public void An_unknown_activation_is_named() => AssertRefused(folder => Change(folder, c => c["hidden_act"] = "swish9"), "swish9");

    [TestMethod]
    public void A_tensor_of_another_shape_is_named()
        => AssertRefused(folder => Change(folder, c => c["intermediate_size"] = 64), "intermediate.dense", "[32", "[64");

    [TestMethod]
    public void A_missing_tensor_is_named()
        => AssertRefused(folder => Change(folder, c => c["num_hidden_layers"] = 3), "lacks 16 tensors", "encoder.layer.2.");

    [TestMethod]
    public void Weights_with_NaN_are_named()
        => AssertRefused(
        folder => ChangeWeights(folder, t => t["encoder.layer.1.output.dense.bias"].fill_(float.NaN)), "encoder.layer.1.output.dense.bias",
        "NaN");

    [TestMethod]
    public void A_tensor_under_two_names_is_named()
        => AssertRefused(
            folder => ChangeWeights(folder, t => t["bert.embeddings.LayerNorm.gamma"] = torch.ones(TinyEncoder.Dimensions)),
            "embeddings.LayerNorm.weight under two names");

    [TestMethod]
    public void Missing_weights_are_named()
        => AssertRefused(folder => File.Delete(Path.Combine(folder, "model.safetensors")), "has no model.safetensors");

    [TestMethod]
    public void A_pickle_alone_is_refused_with_the_way_to_convert_it()
        => AssertRefused(
            folder => File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "pytorch_model.bin")), "pytorch_model.bin",
            "save_pretrained");

    [TestMethod]
    public void A_tokenizer_of_another_model_is_named()
        => AssertRefused(folder => File.AppendAllLines(Path.Combine(folder, "vocab.txt"), ["zebra", "gnu"]), "tokenizer", "vocab_size");

    [TestMethod]
    public void Truncated_weights_are_named() => AssertRefused(folder =>
    {
        using var file = File.OpenWrite(Path.Combine(folder, "model.safetensors"));
        file.SetLength(file.Length - 10);
    }, "model.safetensors", "is damaged");

    [TestMethod]
    [DataRow("""{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}""", "mean + cls at once")]
    [DataRow("""{"pooling_mode_cls_token": true}""", "cls + mean at once")]
    [DataRow("""{"pooling_mode": ["cls", "max"]}""", "cls + max at once")]
    [DataRow("""{"pooling_mode_mean_tokens": false, "pooling_mode_cls_token": false}""", "no pooling")]
    [DataRow("""{"pooling_mode_mean_tokens": false, "pooling_mode_mean_sqrt_len_tokens": true}""",
        "mean_sqrt_len_tokens, which this encoder does not have")]
    [DataRow("""{"pooling_mode_mean_tokens": false, "pooling_mode_weightedmean_tokens": true}""",
        "weightedmean, which this encoder does not have")]
    [DataRow("""{"pooling_mode_mean_tokens": false, "pooling_mode_lasttoken": true}""", "lasttoken, which this encoder does not have")]
    [DataRow("""{"pooling_mode": "lasttoken"}""", "lasttoken, which this encoder does not have")]
    [DataRow("""{"pooling_mode_mean_tokens": true, "pooling_mode_attention": true}""", "mean + attention at once")]
    [DataRow("""{"pooling_mode_mean_tokens": true, "include_prompt": "no"}""", "include_prompt must be true or false")]
    public void A_pooling_the_encoder_does_not_have_is_named(string json, string message)
        => AssertRefused(
            folder => File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), json), "1_Pooling/config.json", message);

    [TestMethod]
    [DataRow("""{"embedding_dimension": 16, "pooling_mode": "max", "include_prompt": true}""", Pooling.Max)]
    [DataRow("""{"pooling_mode": ["cls"]}""", Pooling.Cls)]
    [DataRow("""{"pooling_mode": "cls", "pooling_mode_mean_tokens": true}""", Pooling.Cls)]
    [DataRow("""{"word_embedding_dimension": 16}""", Pooling.Mean)]
    public void The_pooling_of_later_sentence_transformers_is_understood(string json, Pooling pooling)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), json);
        using var encoder = SentenceEncoder.Load(folder);
        Assert.AreEqual(pooling, encoder.Pooling);
    }

    [TestMethod]
    public void A_module_with_code_of_its_own_is_refused()
        => AssertRefused(
            folder => File.WriteAllText(
            Path.Combine(folder, "modules.json"),
            File.ReadAllText(Path.Combine(folder, "modules.json"))
            .Replace("sentence_transformers.models.Pooling", "custom_st.Pooling", StringComparison.Ordinal)), "custom_st.Pooling");

    [TestMethod]
    [DataRow("""{"in_features": 16, "out_features": 16, "use_residual": true}""", "use_residual")]
    [DataRow("""{"in_features": 16, "out_features": 16, "module_input_name": "token_embeddings"}""",
        "module_input_name is token_embeddings")]
    public void A_Dense_module_of_another_kind_is_refused(string json, string message) => AssertRefused(folder =>
    {
        Directory.CreateDirectory(Path.Combine(folder, "2_Dense"));
        File.WriteAllText(Path.Combine(folder, "2_Dense", "config.json"), json);
        File.WriteAllText(
            Path.Combine(folder, "modules.json"),
            File.ReadAllText(Path.Combine(folder, "modules.json")).Replace("2_Normalize", "2_Dense", StringComparison.Ordinal)
            .Replace("models.Normalize", "models.Dense", StringComparison.Ordinal));
    }, message);

    [TestMethod]
    public void A_module_the_encoder_does_not_have_is_named()
        => AssertRefused(
            folder => File.WriteAllText(
            Path.Combine(folder, "modules.json"),
            File.ReadAllText(Path.Combine(folder, "modules.json")).Replace("models.Normalize", "models.LSTM", StringComparison.Ordinal)),
            "LSTM");

    [TestMethod]
    public void A_module_outside_the_folder_is_refused()
        => AssertRefused(
            folder => File.WriteAllText(
            Path.Combine(folder, "modules.json"),
            File.ReadAllText(Path.Combine(folder, "modules.json")).Replace("1_Pooling", "../../1_Pooling", StringComparison.Ordinal)),
            "outside the folder");

    [TestMethod]
    public void Fewer_layers_in_the_config_give_the_pruned_model()
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        Change(folder, c => c["num_hidden_layers"] = 1);
        using var pruned = SentenceEncoder.Load(folder);
        using var whole = TinyEncoder.Load();
        Assert.AreEqual(1, pruned.Use(m => m.Network.LayerCount));
        Assert.IsGreaterThan(1e-3, Golden.WorstDifference(whole.Encode(["a cat"]), pruned.Encode(["a cat"])));
    }

    [TestMethod]
    [DataRow("bert.", "weight", "bias")]
    [DataRow("", "gamma", "beta")]
    public void Names_of_other_checkpoints_are_understood(string prefix, string scale, string shift)
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        ChangeWeights(folder, tensors =>
        {
            foreach (var (name, tensor) in tensors.ToArray())
            {
                tensors.Remove(name);
                tensors[prefix + name.Replace("LayerNorm.weight", "LayerNorm." + scale, StringComparison.Ordinal)
                    .Replace("LayerNorm.bias", "LayerNorm." + shift, StringComparison.Ordinal)] = tensor;
            }
            tensors["pooler.dense.weight"] = torch.ones(3, 3);
        });
        using var encoder = SentenceEncoder.Load(folder);
        using var plain = TinyEncoder.Load();
        Assert.AreEqual(0, Golden.WorstDifference(plain.Encode(["a cat"]), encoder.Encode(["a cat"])));
    }

    [TestMethod]
    [DataRow(torch.ScalarType.Float16)]
    [DataRow(torch.ScalarType.BFloat16)]
    public void Weights_of_half_the_size_are_read(torch.ScalarType dtype)
    {
        string folder = TinyEncoder.WriteFolder(_temporary);
        ChangeWeights(folder, tensors =>
        {
            foreach (string? name in tensors.Keys.ToArray()) tensors[name] = tensors[name].to(dtype).to(torch.ScalarType.Float32);
        });
        using var rounded = SentenceEncoder.Load(folder);
        HalfSafetensors.Rewrite(Path.Combine(folder, "model.safetensors"), dtype);
        using var half = SentenceEncoder.Load(folder);
        Assert.AreEqual(0, Golden.WorstDifference(rounded.Encode(["a cat", "my dog is late"]), half.Encode(["a cat", "my dog is late"])));
    }

    [TestMethod]
    public void A_saved_folder_gives_the_same_encoder()
    {
        using var start = TinyEncoder.Load(normalize: true);
        using var trained =
            ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(16),
            new() { BatchSize = 8, ProjectionHead = ProjectionHead.Mlp, Pooling = Pooling.Cls, KeepStartIfWorse = false });
        string folder = _temporary.New("saved");
        trained.Encoder.Save(folder);
        using var loaded = SentenceEncoder.Load(folder);
        Assert.AreEqual((Pooling.Cls, true, 40), (loaded.Pooling, loaded.Normalized, loaded.MaxSequenceLength));
        Assert.AreEqual(0, Golden.WorstDifference(trained.Encoder.Encode(["a cat", ""]), loaded.Encode(["a cat", ""])));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_temporary.Root, "*.tmp"));
    }

    [TestMethod]
    [DataRow("sentence_bert_config.json")]
    [DataRow("sentence_roberta_config.json")]
    public void The_length_is_the_sentence_transformers_folders(string name)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.WriteAllText(Path.Combine(folder, name), """{"max_seq_length": 12}""");
        using var encoder = SentenceEncoder.Load(folder);
        Assert.AreEqual(12, encoder.MaxSequenceLength);
    }

    [TestMethod]
    public void A_folder_with_content_is_not_overwritten()
    {
        using var encoder = TinyEncoder.Load();
        string folder = TinyEncoder.WriteFolder(_temporary);
        Assert.Contains("not an empty folder", Assert.ThrowsExactly<IOException>(() => encoder.Save(folder)).Message);
    }

    [TestMethod]
    public void A_pooling_without_a_portable_name_is_not_saved()
    {
        using var encoder = TinyEncoder.Load(options: new() { Pooling = Pooling.AverageFirstLast });
        string folder = _temporary.New("x");
        var error = Assert.ThrowsExactly<NotSupportedException>(() => encoder.Save(folder));
        foreach (string? part in new[] { "AverageFirstLast", "mlContext.Model.Save",
            "SentenceEncoderOptions.Pooling = Mean" }) Assert.Contains(
            part, error.Message);
        Assert.IsFalse(Directory.Exists(folder));
    }

    private void AssertRefused(Action<string> damage, params string[] parts)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        damage(folder);
        long before = LiveTensors.Settled();
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder));
        foreach (string part in parts) Assert.Contains(part, error.Message);
        Assert.AreEqual(before, torch.Tensor.TotalCount, "tensors left behind");
    }

    private static void Change(string folder, Action<JsonObject> change)
    {
        string path = Path.Combine(folder, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void ChangeWeights(string folder, Action<Dictionary<string, torch.Tensor>> change)
    {
        string path = Path.Combine(folder, "model.safetensors");
        using var scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors;
        using (var stream = File.OpenRead(path)) tensors = SafetensorsReader.Read(stream, path, (_, _) => _ => true);
        var read = tensors.Values.ToArray();
        change(tensors);
        using (var stream = File.Create(path)) SafetensorsWriter.Write(stream, tensors);
        foreach (var tensor in read) tensor.Dispose();
    }
}
