using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>What config.json says about vectors that may be cut short (Matryoshka models): the fields that vLLM reads and published models carry.</summary>
internal static class MatryoshkaFields
{
    private const string ListField = "matryoshka_dimensions", FlagField = "is_matryoshka";

    /// <summary>The lengths that vectors may be cut to, rising; empty where nothing is said.</summary>
    /// <exception cref="InvalidDataException">The field is no list of such lengths.</exception>
    public static IReadOnlyList<int> Read(ModelConfiguration configuration, int dimensions)
    {
        if (configuration.ToJson()[ListField] is not { } node) return configuration.Flag(FlagField, fallback: false) ? [.. Enumerable.Range(1, dimensions)] : [];
        if (node is not JsonArray list) throw Wrong();
        return [.. list.Select(n => n is JsonValue value && value.TryGetValue(out int length) && length >= 1 && length <= dimensions ? length : throw Wrong()).Distinct().Order()];

        InvalidDataException Wrong() => configuration.Error($"{ListField} must be a list of whole numbers from 1 to {dimensions}, the length of the model's vectors.");
    }

    /// <summary>Takes the fields out.</summary>
    public static void Remove(JsonObject json)
    {
        json.Remove(ListField);
        json.Remove(FlagField);
    }
}
