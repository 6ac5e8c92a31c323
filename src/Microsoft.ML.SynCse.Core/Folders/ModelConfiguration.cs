using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>A model's config.json, with errors that name the field and its range.</summary>
internal sealed class ModelConfiguration
{
    public const string FileName = "config.json";
    private readonly JsonObject _json;
    private readonly string _file;

    private ModelConfiguration(JsonObject json, string file) => (_json, _file) = (json, file);

    /// <summary>The field model_type, which picks the architecture.</summary>
    public string ModelType
        => Text("model_type") ?? throw new InvalidDataException($"{_file} has no model_type: the architecture is not known.");

    /// <summary>Reads a model's config.json.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is not a JSON object.</exception>
    public static ModelConfiguration Read(IModelFileSource files, string folder = "")
        => ReadIfThere(files, folder) ?? throw new InvalidDataException(
            $"'{files.Location}' has no {NameIn(folder)}: give the folder of a Hugging Face or sentence-transformers model.");

    /// <summary>Reads a config.json that may be missing.</summary>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static ModelConfiguration? ReadIfThere(IModelFileSource files, string folder)
        => files.ReadJsonObject(NameIn(folder)) is { } json ? new(json, files.Describe(NameIn(folder))) : null;

    /// <summary>A whole number between the two bounds; <paramref name="fallback"/> where the field is missing or null.</summary>
    public int Int(string field, int min, int max, int? fallback = null)
    {
        if (_json[field] is not { } node) return fallback ?? throw new InvalidDataException($"{_file} has no {field}.");
        if (node is JsonValue value && value.TryGetValue(out long number) && number >= min && number <= max) return (int)number;
        throw new InvalidDataException($"{_file}: {field} is {Short(node)}; it must be a whole number from {min} to {max}.");
    }

    /// <summary>A number between the two bounds; <paramref name="fallback"/> where the field is missing or null.</summary>
    public double Double(string field, double min, double max, double fallback)
    {
        if (_json[field] is not { } node) return fallback;
        if (node is JsonValue value && value.TryGetValue(out double number) && number >= min && number <= max) return number;
        throw new InvalidDataException(
            FormattableString.Invariant($"{_file}: {field} is {Short(node)}; it must be a number from {min} to {max}."));
    }

    /// <summary>A text, or null where the field is missing or null.</summary>
    public string? Text(string field)
    {
        if (_json[field] is not { } node) return null;
        if (node is JsonValue value && value.TryGetValue(out string? text)) return text;
        throw new InvalidDataException($"{_file}: {field} is {Short(node)}; it must be a text.");
    }

    /// <summary>Yes or no; <paramref name="fallback"/> where the field is missing or null.</summary>
    public bool Flag(string field, bool fallback)
    {
        if (_json[field] is not { } node) return fallback;
        if (node is JsonValue value && value.TryGetValue(out bool flag)) return flag;
        throw new InvalidDataException($"{_file}: {field} is {Short(node)}; it must be true or false.");
    }

    /// <summary>A value of any kind, or null where the field is missing or null; not to be changed.</summary>
    public JsonNode? Value(string field) => _json[field];

    /// <summary>An error about a field.</summary>
    public InvalidDataException Error(string message) => new($"{_file}: {message}");

    /// <summary>The same configuration for weights written as float32.</summary>
    public JsonObject ToJson()
    {
        var copy = (JsonObject)_json.DeepClone();
        foreach (string? field in new[] { "torch_dtype", "dtype" })
            if (copy.ContainsKey(field)) copy[field] = "float32";
        return copy;
    }

    private static string NameIn(string folder) => folder.Length == 0 ? FileName : $"{folder}/{FileName}";

    private static string Short(JsonNode node)
    {
        string text = node.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
        return text.Length <= 40 ? text : text[..40] + "...";
    }
}

/// <summary>The config.json that is written: the one that was read, with what is true of the files beside it.</summary>
internal static partial class SavedConfiguration
{
    /// <summary>The configuration of a bare encoder with float32 weights.</summary>
    /// <param name="configuration">As it was read.</param>
    /// <param name="matryoshka">Whether vectors may still be cut short.</param>
    public static JsonObject Of(ModelConfiguration configuration, bool matryoshka)
    {
        var json = configuration.ToJson();
        // A masked-language model's head is not written, so the folder holds the bare model: BertForMaskedLM becomes BertModel.
        if (json["architectures"] is JsonArray { Count: > 0 } classes && classes[0] is JsonValue first
            && first.TryGetValue(out string? name))
            json["architectures"] = new JsonArray(ClassWithHead().Replace(name, "$1Model"));
        if (!matryoshka) MatryoshkaFields.Remove(json);
        return json;
    }

    [GeneratedRegex("^([A-Za-z0-9]+?)For[A-Z][A-Za-z0-9]*$")]
    private static partial Regex ClassWithHead();
}

/// <summary>What config.json says about vectors that may be cut short (Matryoshka models): the fields that vLLM reads and published models
/// carry.</summary>
internal static class MatryoshkaFields
{
    private const string ListField = "matryoshka_dimensions", FlagField = "is_matryoshka";

    /// <summary>The lengths that vectors may be cut to, rising; empty where nothing is said.</summary>
    /// <exception cref="InvalidDataException">The field is no list of such lengths.</exception>
    public static IReadOnlyList<int> Read(ModelConfiguration configuration, int dimensions)
    {
        if (configuration.ToJson()[ListField] is not { } node) return configuration.Flag(FlagField, fallback: false)
            ? [.. Enumerable.Range(1, dimensions)] : [];
        if (node is not JsonArray list) throw Wrong();
        return [.. list.Select(
            n => n is JsonValue value && value.TryGetValue(out int length) && length >= 1 && length <= dimensions ? length : throw Wrong())
            .Distinct().Order()];

        InvalidDataException Wrong()
            => configuration.Error(
            $"{ListField} must be a list of whole numbers from 1 to {dimensions}, the length of the model's vectors.");
    }

    /// <summary>Takes the fields out.</summary>
    public static void Remove(JsonObject json)
    {
        json.Remove(ListField);
        json.Remove(FlagField);
    }
}

/// <summary>An adapter (LoRA and its kin) as the PEFT library saves it, beside a model or alone: Python applies it on loading.</summary>
internal static class AdapterFiles
{
    private const string ConfigurationFile = "adapter_config.json";
    private static readonly string[] _files = [ConfigurationFile, "adapter_model.safetensors", "adapter_model.bin"];

    /// <summary>Throws where the folder has one: without it the vectors would be the base model's.</summary>
    /// <param name="files">The transformer's folder.</param>
    /// <exception cref="InvalidDataException">It has one; names the file and the way to merge it.</exception>
    public static void Refuse(IModelFileSource files)
    {
        if (Array.Find(_files, name => files.TryRead(name, _ => { })) is not { } found) return;
        throw new InvalidDataException($"{files.Describe(found)}{Details(files)} is an adapter (PEFT, such as LoRA), "
            + "which is not applied here: the vectors would be those of the base model. "
            + "Merge it into the weights once in Python, with the packages peft and transformers: "
            + "PeftModel.from_pretrained(AutoModel.from_pretrained(base_model), folder).merge_and_unload()"
            + ".save_pretrained(another_folder), and copy the tokenizer's and the modules' files beside. "
            + "Where the weights beside it are merged already, remove the adapter's files.");
    }

    private static string Details(IModelFileSource files)
    {
        if (files.ReadJsonObject(ConfigurationFile) is not { } json) return "";
        string[] known = [.. new[] { "peft_type", "base_model_name_or_path" }.Where(field => json[field] is not null)
            .Select(field => $"{field} {ModelFileName.Shown(json[field]!.ToString())}")];
        return known.Length == 0 ? "" : $" ({string.Join(", ", known)})";
    }
}
