namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// What a scripted server does with one request. Any of them takes a latency: <c>ServerBehavior.Reply("...") with { Latency = ... }</c>.
/// </summary>
internal sealed record ServerBehavior
{
    private const int HugeLength = 5 << 20;

    /// <summary>What is done.</summary>
    public required ServerBehaviorKind Kind { get; init; }

    /// <summary>The time before the first byte, or before the connection is reset.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The HTTP status.</summary>
    public int StatusCode { get; init; } = 200;

    /// <summary>The assistant's text, for the kinds that have one.</summary>
    public string? Text { get; init; }

    /// <summary>The choice's finish_reason.</summary>
    public string FinishReason { get; init; } = "stop";

    /// <summary>The usage the reply carries; without it the field is left out.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>A body as it stands, for the kinds without a chat completion.</summary>
    public string? Body { get; init; }

    /// <summary>The type of <see cref="Body"/>.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Headers of the answer.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a slow body takes.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether half a body ends with RST instead of FIN.</summary>
    public bool EndsWithReset { get; init; }

    /// <summary>A whole chat completion.</summary>
    public static ServerBehavior Reply(string text, string finishReason = "stop", TokenUsage? usage = null)
        => new() { Kind = ServerBehaviorKind.Reply, Text = text, FinishReason = finishReason, Usage = usage };

    /// <summary>An error in OpenAI's form.</summary>
    public static ServerBehavior Status(int statusCode, string? code, string type, string message,
        params (string Name, string Value)[] headers) => new()
        {
            Kind = ServerBehaviorKind.Status,
            StatusCode = statusCode,
            Body = ChatCompletionJson.Error(code, type, message),
            Headers = headers.ToDictionary(h => h.Name, h => h.Value),
        };

    /// <summary>Too many requests, with whatever says how long to wait: Retry-After or retry-after-ms.</summary>
    public static ServerBehavior RateLimited(params (string Name, string Value)[] headers)
        => Status(429, "rate_limit_exceeded", "requests", "Rate limit reached for requests. Please try again in 20ms.", headers);

    /// <summary>The account has no money left: the same status as a rate limit, but waiting does not help.</summary>
    public static ServerBehavior InsufficientQuota()
        => Status(429, "insufficient_quota", "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.");

    /// <summary>RST before any byte.</summary>
    public static ServerBehavior Reset() => new() { Kind = ServerBehaviorKind.Reset };

    /// <summary>Half of a chat completion, under the Content-Length of the whole.</summary>
    public static ServerBehavior HalfBody(string text, TokenUsage? usage = null, bool endsWithReset = false)
        => new() { Kind = ServerBehaviorKind.HalfBody, Text = text, Usage = usage, EndsWithReset = endsWithReset };

    /// <summary>A web page.</summary>
    public static ServerBehavior Html(int statusCode = 200) => new()
    {
        Kind = ServerBehaviorKind.Html,
        StatusCode = statusCode,
        ContentType = "text/html",
        Body = $"<!DOCTYPE html><html><head><title>{statusCode}</title></head><body><h1>nginx</h1></body></html>",
    };

    /// <summary>A body that calls itself JSON and is not.</summary>
    public static ServerBehavior InvalidJson(string body = """{"id":"chatcmpl-1","choices":[{"index":0,""")
        => new() { Kind = ServerBehaviorKind.InvalidJson, Body = body };

    /// <summary>JSON that is not a chat completion.</summary>
    public static ServerBehavior WrongSchema(string body = "{}") => new() { Kind = ServerBehaviorKind.WrongSchema, Body = body };

    /// <summary>A chat completion with 5 MiB of text.</summary>
    public static ServerBehavior Huge() => new() { Kind = ServerBehaviorKind.Huge, Text = new('a', HugeLength) };

    /// <summary>A whole chat completion that takes its time.</summary>
    public static ServerBehavior SlowDrip(string text, TimeSpan duration, TokenUsage? usage = null)
        => new() { Kind = ServerBehaviorKind.SlowDrip, Text = text, Duration = duration, Usage = usage };

    /// <summary>No answer, ever.</summary>
    public static ServerBehavior Hang() => new() { Kind = ServerBehaviorKind.Hang };
}
