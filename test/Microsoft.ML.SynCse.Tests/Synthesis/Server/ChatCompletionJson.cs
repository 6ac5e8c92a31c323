using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The bodies that OpenAI's chat completions endpoint sends.</summary>
internal static class ChatCompletionJson
{
    /// <summary>A chat completion with one choice.</summary>
    public static ReadOnlyMemory<byte> Completion(long ordinal, string model, ServerBehavior behavior)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("id", $"chatcmpl-{ordinal}");
        writer.WriteString("object", "chat.completion");
        writer.WriteNumber("created", 1_700_000_000);
        writer.WriteString("model", model);
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", behavior.Text);
        writer.WriteNull("refusal");
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", behavior.FinishReason);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (behavior.Usage is { } usage)
        {
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", usage.PromptTokens);
            writer.WriteNumber("completion_tokens", usage.CompletionTokens);
            writer.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>An error.</summary>
    public static string Error(string? code, string type, string message)
        => JsonSerializer.Serialize(new { error = new { message, type, param = (string?)null, code } });

    /// <summary>The head of a raw HTTP/1.1 answer, for what a web server would not let us send.</summary>
    public static byte[] RawHead(int contentLength)
        => Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {contentLength}\r\n\r\n");
}
