using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse;

/// <summary>
/// Reads a chat completion that its client threw away, because it does not know the finish_reason: <c>eos</c>, <c>stop_sequence</c>, an
/// empty one, null.
/// </summary>
internal static class RawCompletion
{
    /// <summary>The completion that a tap holds; null where it holds none with a text.</summary>
    public static ChatResponse? Read(HttpTap tap)
    {
        if (tap is not { Status: 200, Body: { } body }) return null;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (Property(json.RootElement, "choices") is not { ValueKind: JsonValueKind.Array } choices
                || choices.GetArrayLength() == 0) return null;
            if (Property(choices[0], "message") is not { } message || Text(message) is not { } text) return null;
            string? finish = Property(choices[0], "finish_reason") is { ValueKind: JsonValueKind.String } reason
                ? reason.GetString() : null;
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
            {
                FinishReason = Finish(finish),
                Usage = Usage(json.RootElement)
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // Other servers' names for a model that was cut off, and for a filter; whatever else ends a reply ends it well.
    private static ChatFinishReason Finish(string? name) => name?.ToLowerInvariant() switch
    {
        "length" or "max_tokens" or "max_output_tokens" or "model_length" or "max_length" => ChatFinishReason.Length,
        "content_filter" or "content_filtered" or "safety" or "recitation" or "prohibited_content" or "blocklist" or "spii" or "sensitive"
            => ChatFinishReason.ContentFilter,
        "refusal" => new ChatFinishReason(StoredReply.FinishRefused),
        _ => ChatFinishReason.Stop,
    };

    private static UsageDetails? Usage(JsonElement root)
    {
        if (Property(root, "usage") is not { ValueKind: JsonValueKind.Object } usage) return null;
        return new UsageDetails { InputTokenCount = Number(usage, "prompt_tokens"), OutputTokenCount = Number(usage, "completion_tokens") };
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
