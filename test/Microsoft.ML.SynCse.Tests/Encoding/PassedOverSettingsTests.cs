using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Settings that change a model's vectors and that this encoder does not have are refused by name, never passed over.</summary>
[TestClass]
public sealed class PassedOverSettingsTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("adapter_config.json")]
    [DataRow("adapter_model.safetensors")]
    [DataRow("adapter_model.bin")]
    public void An_adapter_beside_the_weights_is_named(string file)
        => AssertRefused(folder => File.WriteAllText(Path.Combine(folder, file), file.EndsWith("json", StringComparison.Ordinal)
            ? """{"peft_type": "LORA", "r": 4}""" : "x"), file, "is an adapter", "merge_and_unload");

    [TestMethod]
    public void An_adapter_without_a_model_is_named() => AssertRefused(folder =>
    {
        File.Delete(Path.Combine(folder, "config.json"));
        File.Delete(Path.Combine(folder, "model.safetensors"));
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"),
            """{"peft_type": "LORA", "base_model_name_or_path": "someone/a-model"}""");
    }, "adapter_config.json", "peft_type LORA", "base_model_name_or_path someone/a-model", "merge_and_unload");

    [TestMethod]
    [DataRow("""{"is_decoder": true}""", "is_decoder is true")]
    [DataRow("""{"add_cross_attention": true}""", "add_cross_attention is true")]
    [DataRow("""{"is_encoder_decoder": true}""", "is_encoder_decoder is true")]
    [DataRow("""{"is_decoder": "yes"}""", "is_decoder is \"yes\"; it must be true or false")]
    [DataRow("""{"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": true}}""", "quantization_config (bitsandbytes)")]
    [DataRow("""{"pruned_heads": {"1": [0]}}""", "pruned_heads")]
    [DataRow("""{"position_embedding_type": "relative_key_query"}""", "position_embedding_type 'relative_key_query'")]
    public void A_setting_of_the_network_is_named(string json, string message)
        => AssertRefused(folder => Merge(Path.Combine(folder, "config.json"), json), "'config.json'", message);

    [TestMethod]
    [DataRow("""{"is_decoder": false, "add_cross_attention": false, "pruned_heads": {}, "quantization_config": null}""")]
    [DataRow("""{"chunk_size_feed_forward": 0, "use_cache": true, "tie_word_embeddings": true}""")]
    public void What_changes_no_vector_is_left_alone(string json)
    {
        string folder = Folder();
        Merge(Path.Combine(folder, "config.json"), json);
        AssertPlain(folder);
    }

    [TestMethod]
    [DataRow("""{"modality_config": {"text": {"method": "forward", "method_output_name": "pooler_output"}}}""",
        "modality_config.text.method_output_name is \"pooler_output\"")]
    [DataRow("""{"modality_config": {"text": {"method": "forward", "method_output_name": ["text_model_output", "last_hidden_state"]}}}""",
        "method_output_name is")]
    [DataRow("""{"modality_config": {"text": {"method": "get_text_features", "method_output_name": null}}}""",
        "modality_config.text.method is \"get_text_features\"")]
    [DataRow("""{"modality_config": {"image": {"method": "forward", "method_output_name": "last_hidden_state"}}}""",
        "modality_config has no 'text'")]
    [DataRow("""{"module_output_name": "sentence_embedding"}""", "module_output_name is \"sentence_embedding\"")]
    [DataRow("""{"transformer_task": "fill-mask"}""", "transformer_task is \"fill-mask\"")]
    [DataRow("""{"query_length": 32}""", "query_length is 32")]
    [DataRow("""{"document_length": 180}""", "document_length is 180")]
    [DataRow("""{"query_expansion": {"strategy": "fixed", "length": 32}}""", "query_expansion is")]
    [DataRow("""{"processing_kwargs": {"text": {"add_special_tokens": false}}}""", "processing_kwargs.text.add_special_tokens is false")]
    [DataRow("""{"processing_kwargs": {"text": {"truncation": false}}}""", "processing_kwargs.text.truncation is false")]
    [DataRow("""{"processing_kwargs": {"text": {"stride": 2}}}""", "processing_kwargs.text.stride is 2")]
    [DataRow("""{"tokenizer_args": {"truncation_side": "left"}}""", "tokenizer_args.truncation_side is \"left\"")]
    [DataRow("""{"model_args": {"num_hidden_layers": 1}}""", "model_args.num_hidden_layers is 1")]
    [DataRow("""{"config_args": {"hidden_act": "relu"}}""", "config_args.hidden_act is \"relu\"")]
    [DataRow("""{"tokenizer_name_or_path": "elsewhere"}""", "tokenizer_name_or_path is \"elsewhere\"")]
    [DataRow("""{"do_lower_case": "yes"}""", "do_lower_case is \"yes\"; it must be true or false")]
    public void A_setting_of_the_Transformer_module_is_named(string json, string message)
        => AssertRefused(folder => File.WriteAllText(Path.Combine(folder, "sentence_bert_config.json"), json),
            "'sentence_bert_config.json'", message);

    [TestMethod]
    [DataRow("""
        {"max_seq_length": 40, "do_lower_case": false, "transformer_task": "feature-extraction", "unpad_inputs": null, "query_length": null,
         "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
         "module_output_name": "token_embeddings", "model_args": {"attn_implementation": "sdpa", "torch_dtype": "float16"},
         "tokenizer_args": {"padding_side": "right", "extra": null},
         "processing_kwargs": {"chat_template": {"add_generation_prompt": true}}}
        """)]
    public void What_says_the_usual_is_read(string json)
    {
        string folder = Folder();
        File.WriteAllText(Path.Combine(folder, "sentence_bert_config.json"), json);
        AssertPlain(folder);
    }

    [TestMethod]
    [DataRow("1_Pooling", """{"pooling_mode_mean_tokens": true, "module_input_name": "sentence_embedding"}""",
        "only a Pooling module from token_embeddings to sentence_embedding")]
    [DataRow("1_Pooling", """{"pooling_mode_mean_tokens": true, "module_output_name": "pooled"}""", "module_output_name is pooled")]
    [DataRow("1_Pooling", """{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": 1}""",
        "pooling_mode_cls_token must be true or false")]
    [DataRow("2_Normalize", """{"module_input_name": "token_embeddings", "module_output_name": "token_embeddings"}""",
        "module_input_name is token_embeddings")]
    [DataRow("2_Normalize", """{"module_output_name": "normalized"}""", "module_output_name is normalized")]
    public void What_a_module_reads_and_writes_is_named(string module, string json, string message) => AssertRefused(folder =>
    {
        Directory.CreateDirectory(Path.Combine(folder, module));
        File.WriteAllText(Path.Combine(folder, module, "config.json"), json);
    }, $"'{module}/config.json'", message);

    [TestMethod]
    [DataRow("""{"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}""")]
    [DataRow("{}")]
    public void Normalize_with_a_file_is_read(string json)
    {
        string folder = Folder();
        Directory.CreateDirectory(Path.Combine(folder, "2_Normalize"));
        File.WriteAllText(Path.Combine(folder, "2_Normalize", "config.json"), json);
        AssertPlain(folder);
    }

    [TestMethod]
    [DataRow("""{"model_type": "SparseEncoder"}""", "model_type is SparseEncoder")]
    [DataRow("""{"model_type": "CrossEncoder", "prompts": {}}""", "model_type is CrossEncoder")]
    [DataRow("""{"truncate_dim": 8}""", "truncate_dim is 8")]
    public void A_setting_of_the_whole_model_is_named(string json, string message)
        => AssertRefused(folder => File.WriteAllText(Path.Combine(folder, "config_sentence_transformers.json"), json),
            "'config_sentence_transformers.json'", message);

    [TestMethod]
    [DataRow("Dropout")]
    [DataRow("LayerNorm")]
    [DataRow("WordWeights")]
    [DataRow("WeightedLayerPooling")]
    [DataRow("Router")]
    [DataRow("Asym")]
    [DataRow("CNN")]
    public void A_module_of_another_kind_is_named(string kind) => AssertRefused(folder =>
    {
        string file = Path.Combine(folder, "modules.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("models.Normalize", $"models.{kind}", StringComparison.Ordinal));
    }, $"module 2 is a {kind}");

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    [DataRow("k8-adapter-bert", "adapter_config.json", "is not applied")]
    [DataRow("k8-normalize-token-embeddings", "2_Normalize/config.json", "module_input_name is token_embeddings")]
    public void The_shared_cases_are_named(string name, params string[] parts)
    {
        string folder = SharedCase.Folder(_temporary, name);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder));
        foreach (string part in parts) StringAssert.Contains(error.Message, part);
    }

    private string Folder() => TinyEncoder.WriteFolder(_temporary, normalize: true);

    private void AssertRefused(Action<string> change, params string[] parts)
    {
        string folder = Folder();
        change(folder);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder).Dispose());
        foreach (string part in parts) StringAssert.Contains(error.Message, part);
    }

    private void AssertPlain(string folder)
    {
        using var plain = SentenceEncoder.Load(Folder());
        using var encoder = SentenceEncoder.Load(folder);
        Assert.AreEqual(0, Golden.WorstDifference(plain.Encode(["a cat", "my dog is late"]), encoder.Encode(["a cat", "my dog is late"])));
    }

    private static void Merge(string file, string json)
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(json)!.AsObject()) root[name] = value?.DeepClone();
        File.WriteAllText(file, root.ToJsonString());
    }
}
