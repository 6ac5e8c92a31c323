using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>config_sentence_transformers.json: the prompts; what else stands there is kept as it is.</summary>
internal sealed record SentenceTransformersConfig
{
    public const string FileName = "config_sentence_transformers.json";
    private const string PromptsField = "prompts", DefaultField = "default_prompt_name", SimilarityField = "similarity_fn_name",
        ModelField = "model_type", OwnModel = "SentenceTransformer", CutField = "truncate_dim";

    private readonly JsonObject _json;

    private SentenceTransformersConfig(JsonObject json, IReadOnlyDictionary<string, string> prompts, string? defaultPromptName)
        => (_json, Prompts, DefaultPromptName) = (json, prompts, defaultPromptName);

    /// <summary>The prompts by name, in the file's order; a prompt may be empty.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; }

    /// <summary>The prompt for texts whose caller names none; null for no prompt.</summary>
    public string? DefaultPromptName { get; }

    /// <summary>Reads the file; a folder without it has no prompts.</summary>
    /// <exception cref="InvalidDataException">The prompts are not texts by name, or the default is none of them; names file and
    /// field.</exception>
    public static SentenceTransformersConfig Read(IModelFileSource files)
    {
        if (files.ReadJsonObject(FileName) is not { } json) return new([], new Dictionary<string, string>().AsReadOnly(), null);
        string where = files.Describe(FileName);
        if (Text(json[ModelField], where, ModelField) is { } model and not OwnModel)
            throw new InvalidDataException($"{where}: {ModelField} is {model}; only a {OwnModel} gives one vector for a sentence.");
        if (json[CutField] is { } cut)
            throw new InvalidDataException($"{where}: {CutField} is {ModelFileName.Shown(cut.ToJsonString())}, which is not applied here: "
                + "take it out, and ask for short vectors when you encode.");
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json[PromptsField] is { } listed)
        {
            if (listed is not JsonObject byName) throw new InvalidDataException(
                $"{where}: {PromptsField} must be an object of texts by name.");
            foreach (var (name, prompt) in byName) prompts.Add(name, Text(prompt, where, $"{PromptsField}.{name}") ?? "");
        }
        string? chosen = Text(json[DefaultField], where, DefaultField);
        if (chosen is not null && !prompts.ContainsKey(chosen))
            throw new InvalidDataException(
                $"{where}: {DefaultField} is '{chosen}', which is none of its {PromptsField} ({string.Join(", ", prompts.Keys)}).");
        return new(json, prompts.AsReadOnly(), chosen);
    }

    /// <summary>Writes the file; the similarity is the cosine where nothing else was said.</summary>
    public void Write(IModelFileSink sink)
    {
        var json = (JsonObject)_json.DeepClone();
        json[PromptsField] = new JsonObject(Prompts.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value))));
        json[DefaultField] = DefaultPromptName;
        if (json[SimilarityField] is null) json[SimilarityField] = "cosine";
        sink.WriteJson(FileName, json);
    }

    private static string? Text(JsonNode? node, string where, string field) => node is null ? null
        : node is JsonValue value && value.TryGetValue(out string? text) ? text
        : throw new InvalidDataException($"{where}: {field} must be a text.");
}
