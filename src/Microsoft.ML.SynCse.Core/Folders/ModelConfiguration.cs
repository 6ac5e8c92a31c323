using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>A model's config.json, with errors that name the field and its range.</summary>
internal sealed class ModelConfiguration
{
    public const string FileName = "config.json";
    private readonly JsonObject _json;
    private readonly string _file;

    private ModelConfiguration(JsonObject json, string file) => (_json, _file) = (json, file);

    /// <summary>The field model_type, which picks the architecture.</summary>
    public string ModelType => Text("model_type") ?? throw new InvalidDataException($"{_file} has no model_type: the architecture is not known.");

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
        throw new InvalidDataException(FormattableString.Invariant($"{_file}: {field} is {Short(node)}; it must be a number from {min} to {max}."));
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
        foreach (var field in new[] { "torch_dtype", "dtype" })
            if (copy.ContainsKey(field)) copy[field] = "float32";
        return copy;
    }

    private static string NameIn(string folder) => folder.Length == 0 ? FileName : $"{folder}/{FileName}";

    private static string Short(JsonNode node)
    {
        var text = node.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
        return text.Length <= 40 ? text : text[..40] + "...";
    }
}
