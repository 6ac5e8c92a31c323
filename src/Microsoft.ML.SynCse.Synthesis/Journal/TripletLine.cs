using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>One line of an exported JSONL file.</summary>
internal sealed record TripletLine
{
    [JsonPropertyName("anchor")]
    public required string Anchor { get; init; }

    [JsonPropertyName("positives")]
    public required IReadOnlyList<string> Positives { get; init; }

    [JsonPropertyName("negatives")]
    public required IReadOnlyList<string> Negatives { get; init; }

    [JsonPropertyName("scores"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    [JsonPropertyName("genre"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Genre { get; init; }

    [JsonPropertyName("topic"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Topic { get; init; }
}
