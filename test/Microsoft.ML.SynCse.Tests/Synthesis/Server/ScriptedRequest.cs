using System.Text;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A chat completion request as a scripted server got it. Immutable.</summary>
internal sealed class ScriptedRequest
{
    private ScriptedRequest(long ordinal, string? attemptId, byte[] rawBody)
    {
        Ordinal = ordinal;
        AttemptId = attemptId;
        RawBody = rawBody;
        Json = JsonElement.Parse(rawBody);
        Model = Json.TryGetProperty("model", out var model) ? model.GetString() ?? "" : "";
        Messages = [.. Json.GetProperty("messages").EnumerateArray().Select(MessageOf)];
    }

    /// <summary>The request's place in order of arrival, from 1.</summary>
    public long Ordinal { get; }

    /// <summary>The header "x-syncse-attempt".</summary>
    public string? AttemptId { get; }

    /// <summary>The body's bytes.</summary>
    public ReadOnlyMemory<byte> RawBody { get; }

    /// <summary>The body as JSON.</summary>
    public JsonElement Json { get; }

    /// <summary>The model asked for.</summary>
    public string Model { get; }

    /// <summary>The messages.</summary>
    public IReadOnlyList<ScriptedMessage> Messages { get; }

    /// <summary>The system messages' text.</summary>
    public string SystemText => string.Join('\n', Messages.Where(m => m.Role is "system" or "developer").Select(m => m.Text));

    /// <summary>The last user message's text.</summary>
    public string LastUser => Messages.LastOrDefault(m => m.Role == "user").Text ?? "";

    /// <summary>"json_schema", "json_object" or "text", which is also what no format means.</summary>
    public string ResponseFormat => Json.TryGetProperty("response_format", out var format) ? format.GetProperty("type").GetString()
        ?? "text" : "text";

    /// <summary>The schema that a "json_schema" format asks for.</summary>
    public JsonElement? Schema => Json.TryGetProperty("response_format", out var format)
        && format.TryGetProperty("json_schema", out var named)
        && named.TryGetProperty("schema", out var schema) ? schema : null;

    /// <summary>The sampling temperature.</summary>
    public double? Temperature => Number("temperature");

    /// <summary>Nucleus sampling's share.</summary>
    public double? TopP => Number("top_p");

    /// <summary>max_completion_tokens, or its older name max_tokens.</summary>
    public int? MaxTokens => (int?)(Number("max_completion_tokens") ?? Number("max_tokens"));

    /// <summary>The last user message read as JSON.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public JsonElement UserJson() => JsonElement.Parse(LastUser);

    /// <summary>Reads a body.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static ScriptedRequest Parse(long ordinal, string? attemptId, byte[] rawBody) => new(ordinal, attemptId, rawBody);

    private double? Number(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        ? value.GetDouble() : null;

    private static ScriptedMessage MessageOf(JsonElement message)
        => new(message.GetProperty("role").GetString() ?? "", TextOf(message.GetProperty("content")));

    private static string TextOf(JsonElement content)
    {
        if (content.ValueKind != JsonValueKind.Array) return content.GetString() ?? "";
        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
        {
            if (part.TryGetProperty("text", out var partText)) text.Append(partText.GetString());
        }
        return text.ToString();
    }
}
