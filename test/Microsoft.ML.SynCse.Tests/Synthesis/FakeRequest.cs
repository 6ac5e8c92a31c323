using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What a chat client was asked.</summary>
internal sealed record FakeRequest(int Number, IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, string? AttemptId)
{
    /// <summary>The last message, as JSON.</summary>
    public JsonElement User => JsonDocument.Parse(Messages[^1].Text).RootElement;

    /// <summary>The instructions.</summary>
    public string System => Messages[0].Text;

    /// <summary>The one sentence asked about; null where there are several.</summary>
    public string? Sentence => User.TryGetProperty("sentence", out var sentence) ? sentence.GetString() : null;

    /// <summary>The sentences asked about together.</summary>
    public string[] Sentences => [.. User.GetProperty("sentences").EnumerateArray().Select(s => s.GetProperty("sentence").GetString()!)];

    /// <summary>Whether one text is asked for, and it is a hard negative (its prompt is one of those).</summary>
    public bool IsNegative => PromptLibrary.Default.Negative.Prompts.Any(p => System.Contains(p.Text, StringComparison.Ordinal));

    /// <summary>A right answer to a request for one text.</summary>
    public string GoodAnswer() => Json(IsNegative ? Negative(Sentence!) : Positive(Sentence!));

    /// <summary>The reply of one text.</summary>
    public static string Json(string text) => JsonSerializer.Serialize(new { sentence = text });

    /// <summary>A positive that passes the rules.</summary>
    public static string Positive(string sentence) => $"In other words {sentence}";

    /// <summary>A hard negative that passes the rules.</summary>
    public static string Negative(string sentence) => $"It is not so that {sentence}";
}
