using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>The forms of replies, as JSON schemas and as examples for models that need the form in words.</summary>
/// <remarks>Only what every provider's structured output takes: no lengths, no counts, every property required, no further ones.</remarks>
internal static class ReplySchemas
{
    /// <summary>One text.</summary>
    public static ReplySchema Single { get; } = new("sentence", """{"sentence":"..."}""",
        Parse("""{"type":"object","properties":{"sentence":{"type":"string"}},"required":["sentence"],"additionalProperties":false}"""));

    /// <summary>A list of sentences.</summary>
    public static ReplySchema Sentences { get; } = new("sentences", """{"sentences":["...","..."]}""",
        Parse("""{"type":"object","properties":{"sentences":{"type":"array","items":{"type":"string"}}},"required":"""
            + """["sentences"],"additionalProperties":false}"""));

    /// <summary>A judge's score.</summary>
    public static ReplySchema Score { get; } = new("score", """{"score":3}""",
        Parse("""{"type":"object","properties":{"score":{"type":"number"}},"required":["score"],"additionalProperties":false}"""));

    /// <summary>Texts of several sentences.</summary>
    public static ReplySchema Several(bool positives, bool negatives) => (positives, negatives) switch
    {
        (true, true) => _both,
        (true, false) => _positivesOnly,
        _ => _negativesOnly,
    };

    private static readonly ReplySchema _both = MakeSeveral("positives", "negatives");
    private static readonly ReplySchema _positivesOnly = MakeSeveral("positives");
    private static readonly ReplySchema _negativesOnly = MakeSeveral("negatives");

    private static ReplySchema MakeSeveral(params string[] parts)
    {
        string properties = string.Concat(parts.Select(p => $$""" ,"{{p}}":{"type":"array","items":{"type":"string"} }"""));
        string required = string.Concat(parts.Select(p => $",\"{p}\""));
        string item = $$$"""{"type":"object","properties":{"id":{"type":"integer"}{{{properties}}} },"required":"""
            + $$$"""["id"{{{required}}}],"additionalProperties":false}""";
        string example = string.Concat(parts.Select(p => $",\"{p}\":[\"...\"]"));
        return new("results", $$"""{"results":[{"id":1{{example}}}]}""",
            Parse($$$"""{"type":"object","properties":{"results":{"type":"array","items":{{{item}}} }},"required":"""
                + """["results"],"additionalProperties":false}"""));
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

/// <summary>The form of a reply.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Example">The form, shown.</param>
/// <param name="Schema">The form, as a JSON schema.</param>
internal sealed record ReplySchema(string Name, string Example, JsonElement Schema)
{
    /// <summary>The schema's text.</summary>
    public string Text { get; } = Schema.GetRawText();

    /// <summary>The schema's UTF-8 bytes.</summary>
    public int Bytes { get; } = Encoding.UTF8.GetByteCount(Schema.GetRawText());

    /// <summary>The schema as Microsoft.Extensions.AI hands it on.</summary>
    public ChatResponseFormat Format { get; } = ChatResponseFormat.ForJsonSchema(Schema, Name);
}
