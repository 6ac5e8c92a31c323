using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// Reads a chat completion that its client threw away, because it does not know the finish_reason: <c>eos</c>, <c>stop_sequence</c>, an
/// empty one, null.
/// </summary>
internal static class RawCompletion
{
    /// <summary>The completion that a tap holds; null if it holds none with a text.</summary>
    public static ChatResponse? Read(HttpTap tap)
    {
        if (tap is not { Status: 200, Body: { } body }) return null;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (Property(json.RootElement, "choices") is not { ValueKind: JsonValueKind.Array } choices
                || choices.GetArrayLength() == 0) return null;
            if (Property(choices[0], "message") is not { ValueKind: JsonValueKind.Object } message) return null;
            string? finish = Finish(choices[0]);
            // A model that was stopped while it reasoned has written no text.
            if ((Text(message) ?? (finish is null ? null : "")) is not { } text) return null;
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
            {
                FinishReason = finish is null ? null : new ChatFinishReason(finish),
                Usage = Usage(json.RootElement)
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the completion that a tap holds leaves open how many of its tokens were reasoning; false if it holds none.
    /// </summary>
    /// <remarks>OpenAI's client gives 0 for a count that is not there.</remarks>
    public static bool LacksReasoningCount(HttpTap tap)
    {
        if (tap is not { Status: 200, Body: { } body }) return false;
        try
        {
            using var json = JsonDocument.Parse(body);
            return Property(json.RootElement, "choices") is not null && Usage(json.RootElement)?.ReasoningTokenCount is null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // As the server wrote it (FinishWord reads it). SGLang's own form is {"type": "length", "length": 64}.
    private static string? Finish(JsonElement choice)
    {
        var reason = Property(choice, "finish_reason");
        if (reason is { ValueKind: JsonValueKind.Object } given) reason = Property(given, "type") ?? given;
        string? word = reason switch
        {
            null or { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { } other => other.GetRawText(),
        };
        return string.IsNullOrWhiteSpace(word) ? null : word;
    }

    private static UsageDetails? Usage(JsonElement root)
    {
        if (Property(root, "usage") is not { ValueKind: JsonValueKind.Object } usage) return null;
        return new UsageDetails
        {
            InputTokenCount = Number(usage, "prompt_tokens"),
            OutputTokenCount = Number(usage, "completion_tokens"),
            // SGLang puts it beside the others.
            ReasoningTokenCount = (Property(usage, "completion_tokens_details") is { } details ? Number(details, "reasoning_tokens") : null)
                ?? Number(usage, "reasoning_tokens"),
        };
    }

    private static string? Text(JsonElement message) => Property(message, "content") switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Array } parts
            => string.Concat(parts.EnumerateArray().Select(part => Property(part, "text"))
            .Where(text => text is { ValueKind: JsonValueKind.String })),
        _ => null,
    };

    private static long? Number(JsonElement element, string name)
        => Property(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long value) ? value : null;

    private static JsonElement? Property(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
