using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>What sentence-transformers' Transformer module says beside the model: sentence_bert_config.json or one of its older
/// names.</summary>
/// <param name="MaxSequenceLength">The number of tokens at which a text is cut, where given.</param>
/// <param name="LowerCase">Whether text is lower-cased before the tokenizer sees it.</param>
internal sealed record TransformerSettings(GivenLength? MaxSequenceLength, bool LowerCase)
{
    /// <summary>The name that is written.</summary>
    public const string FileName = "sentence_bert_config.json";

    private const string Length = "max_seq_length", Lower = "do_lower_case", Processing = "processing_kwargs", CutAt = "max_length",
        LastLayer = "last_hidden_state";

    // In sentence-transformers' order: the first file that exists counts, for every kind of model.
    private static readonly string[] _names =
    [
        FileName, "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    // How Python computes, not what.
    private static readonly string[] _harmless = ["unpad_inputs", "trust_remote_code", "cache_dir", "backend"];

    private static readonly string[] _harmlessArguments =
    [
        "attn_implementation", "device_map", "dtype", "low_cpu_mem_usage", "padding_side", "torch_dtype", "trust_remote_code", "use_cache",
        "use_fast", "use_safetensors", "add_pooling_layer", "clean_up_tokenization_spaces", "code_revision", "token",
    ];

    private static readonly string[] _arguments =
        ["model_args", "model_kwargs", "tokenizer_args", "processor_kwargs", "config_args", "config_kwargs"];

    private static readonly string[] _harmlessProcessing =
        ["padding", "padding_side", "pad_to_multiple_of", "return_tensors", "return_attention_mask", "return_token_type_ids", "verbose"];

    /// <summary>Reads the first of the files that is there.</summary>
    /// <param name="files">The transformer's folder.</param>
    /// <exception cref="InvalidDataException">A field is wrong, or asks for what this encoder does not do; names file and
    /// field.</exception>
    public static TransformerSettings Read(IModelFileSource files)
    {
        foreach (string name in _names)
            if (files.ReadJsonObject(name) is { } json) return new Reader(json, files.Describe(name)).Read();
        return new(null, false);
    }

    /// <summary>Writes what an encoder has of it.</summary>
    public static void Write(IModelFileSink sink, int? maxSequenceLength, bool lowerCase)
        => sink.WriteJson(FileName, new JsonObject { [Length] = maxSequenceLength, [Lower] = lowerCase });

    private sealed class Reader(JsonObject json, string file)
    {
        private GivenLength? _length;

        public TransformerSettings Read()
        {
            _length = GivenLength.Read(json[Length], file, Length);
            bool lower = false;
            foreach (var (field, value) in json)
            {
                if (value is null || field == Length || _harmless.Contains(field)) continue;
                switch (field)
                {
                    case Lower: lower = Flag(value, field); break;
                    case "transformer_task": Expect(value, field, "feature-extraction"); break;
                    case "module_output_name": Expect(value, field, FeatureNames.Tokens); break;
                    case "modality_config": CheckText(value, field); break;
                    case Processing: ReadProcessing(Members(value, field)); break;
                    case var name when _arguments.Contains(name): CheckArguments(Members(value, field), field); break;
                    default: throw Refused(field, value);
                }
            }
            return new(_length, lower);
        }

        private static bool IsSwitchedOff(JsonNode? value) => value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

        private void CheckText(JsonNode value, string field)
        {
            if (Members(value, field)["text"] is not { } text)
                throw new InvalidDataException($"{file}: {field} has no 'text': the model does not read texts.");
            foreach (var (name, node) in Members(text, $"{field}.text"))
            {
                if (node is null) continue;
                if (name == "method") Expect(node, $"{field}.text.{name}", "forward");
                else if (name == "method_output_name")
                    Expect(node is JsonArray { Count: 1 } list ? list[0] : node, $"{field}.text.{name}", LastLayer);
                else throw Refused($"{field}.text.{name}", node);
            }
        }

        // The arguments of every call; what is said for texts goes before what is said for all, and both before max_seq_length.
        private void ReadProcessing(JsonObject kinds)
        {
            foreach (string? kind in new[] { "common", "text" })
            {
                if (kinds[kind] is not { } node) continue;
                foreach (var (name, value) in Members(node, $"{Processing}.{kind}"))
                {
                    string field = $"{Processing}.{kind}.{name}";
                    if (value is null || _harmlessProcessing.Contains(name)) continue;
                    if (name == CutAt) _length = GivenLength.Read(value, file, field);
                    else if (name is "truncation" or "add_special_tokens") ExpectOn(value, field);
                    else throw Refused(field, value);
                }
            }
        }

        private void CheckArguments(JsonObject arguments, string field)
        {
            foreach (var (name, value) in arguments)
                if (!IsSwitchedOff(value) && !_harmlessArguments.Contains(name)) throw Refused($"{field}.{name}", value!);
        }

        private JsonObject Members(JsonNode value, string field)
            => value as JsonObject ?? throw new InvalidDataException($"{file}: {field} must be an object.");

        private bool Flag(JsonNode value, string field)
            => value is JsonValue flag && flag.TryGetValue(out bool on) ? on
            : throw new InvalidDataException($"{file}: {field} is {Shown(value)}; it must be true or false.");

        private void Expect(JsonNode? value, string field, string expected)
        {
            if (value is not JsonValue text || !text.TryGetValue(out string? given) || given != expected)
                throw new InvalidDataException($"{file}: {field} is {Shown(value)}, which is not supported; '{expected}' is.");
        }

        private void ExpectOn(JsonNode value, string field)
        {
            if (value is not JsonValue given) throw Refused(field, value);
            bool on = given.TryGetValue(out bool flag) ? flag : given.TryGetValue(out string? name)
                && name is "longest_first" or "only_first";
            if (!on) throw Refused(field, value);
        }

        private InvalidDataException Refused(string field, JsonNode value)
            => new($"{file}: {field} is {Shown(value)}, a setting that this encoder does not have: "
                + "its vectors would differ from the model's own. Take it out if you know that it does not matter.");

        private static string Shown(JsonNode? value) => ModelFileName.Shown(value?.ToJsonString() ?? "null");
    }
}

/// <summary>The number of tokens at which a text is cut, as a file says.</summary>
/// <param name="Tokens">The number, from 1; <see cref="int.MaxValue"/> stands for all that are larger.</param>
/// <param name="Field">File and field, for messages.</param>
internal sealed record GivenLength(int Tokens, string Field)
{
    /// <summary>Reads a length as Python code makes use of it: 32, 32.0 and "32" are one number; a missing field or null says
    /// nothing.</summary>
    /// <param name="node">The field's value.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="name">The field's name.</param>
    /// <exception cref="InvalidDataException">It is something else, or a number below 1, of which nothing can be made; names file and
    /// field.</exception>
    public static GivenLength? Read(JsonNode? node, string file, string name)
    {
        if (node is null) return null;
        if (Number(node) is { } number && number >= 1 && number == Math.Floor(number))
            return new((int)Math.Min(number, int.MaxValue), $"{file}: {name}");
        throw new InvalidDataException($"{file}: {name} is {Shown(node)}; "
            + "the number of tokens at which a text is cut must be a whole number from 1. Correct it, or take the field out.");
    }

    // Transformers writes a number of thirty digits for "no limit".
    private static double? Number(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Number => double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
        JsonValueKind.String
            => double.TryParse(node.GetValue<string>(), NumberStyles.Float, CultureInfo.InvariantCulture, out double n) ? n : null,
        _ => null,
    };

    private static string Shown(JsonNode node)
    {
        string text = node.ToJsonString();
        return text.Length <= 40 ? text : text[..40] + "...";
    }
}
