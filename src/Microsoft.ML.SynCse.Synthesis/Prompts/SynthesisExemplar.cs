using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse;

/// <summary>One solved example.</summary>
/// <param name="Id">Names it in draws; unique in its role.</param>
/// <param name="Sentence">The given sentence.</param>
/// <param name="Rewrite">The right answer.</param>
/// <param name="Fits">Ids of the prompts it is an example of; empty, or left out in JSON: of all.</param>
public sealed record SynthesisExemplar(string Id, string Sentence, string Rewrite, IReadOnlyList<string> Fits)
{
    /// <summary>
    /// The language it is in, as a two-letter code (ISO 639-1: de, fr): it is shown with sentences of that language only, before
    /// exemplars without one. Default: null, with all sentences.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>Ids of the prompts it is an example of; empty: of all.</summary>
    public IReadOnlyList<string> Fits { get; init; } = Fits ?? [];
}
