using System.ClientModel;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Polly;
using Polly.Timeout;

namespace Microsoft.ML.SynCse;

/// <summary>What a chat client's exception means for the run: OpenAI's and Azure's clients (System.ClientModel), those over HttpClient, and resilience handlers below them.</summary>
internal static class FaultClassifier
{
    /// <summary>The name of a request that was given up because it took too long.</summary>
    public const string Timeout = "timeout";

    private const string Connection = "connection";

    /// <summary>Reads an exception.</summary>
    public static SynthesisFault Classify(Exception error) => error switch
    {
        ClientResultException { Status: > 0 } http => OfStatus(http.Status, Code(http), RetryAfter(name => Header(http, name))),
        HttpRequestException { StatusCode: { } status } => OfStatus((int)status, null, null),
        ClientResultException { InnerException: HttpRequestException http } => OfConnection(http),
        HttpRequestException http => OfConnection(http),
        ClientResultException or SocketException => new(SynthesisFaultKind.Transient, Connection),
        OperationCanceledException or TimeoutException or TimeoutRejectedException => new(SynthesisFaultKind.Transient, Timeout),
        ExecutionRejectedException => new(SynthesisFaultKind.Transient, "rejected-by-client") { MayBeBilled = false },
        IOException => new(SynthesisFaultKind.Transient, "cut-reply"),
        AggregateException { InnerExceptions: [.., var last] } => Classify(last),
        NotSupportedException or NotImplementedException => new(SynthesisFaultKind.Permanent, "not-supported") { MayBeBilled = false },
        // What a client makes of a body that is no chat completion: JsonException, but also ArgumentException, InvalidOperationException or NullReferenceException (OpenAI 2.14).
        _ => new(SynthesisFaultKind.Transient, "unreadable"),
    };

    // Where no connection came about, nothing was asked.
    private static SynthesisFault OfConnection(HttpRequestException error) => new(SynthesisFaultKind.Transient, Connection)
    {
        MayBeBilled = error.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError),
    };

    private static SynthesisFault OfStatus(int status, string? code, TimeSpan? retryAfter)
    {
        string name = $"http-{status.ToString(CultureInfo.InvariantCulture)}";
        if (status < 300) return new(SynthesisFaultKind.Transient, "unreadable");
        var kind = (status, code) switch
        {
            (_, "insufficient_quota" or "billing_hard_limit_reached") => SynthesisFaultKind.Permanent,
            (429, _) => SynthesisFaultKind.Throttled,
            (_, "content_filter" or "content_policy_violation" or "ResponsibleAIPolicyViolation" or "context_length_exceeded" or "exceed_context_size_error" or "string_above_max_length") or (413, _) => SynthesisFaultKind.Refused,
            (408 or 409 or 425, _) or ( >= 500 and not 501 and not 505, _) => SynthesisFaultKind.Transient,
            _ => SynthesisFaultKind.Permanent,
        };
        return new(kind, code is null || kind is SynthesisFaultKind.Throttled or SynthesisFaultKind.Transient ? name : $"{name}-{code}") { RetryAfter = retryAfter, MayBeBilled = false };
    }

    // OpenAI: {"error": {"code": "..."}}; Azure puts what its filter says into error.innererror.code.
    private static string? Code(ClientResultException error)
    {
        try
        {
            if (error.GetRawResponse()?.Content is not { } content) return null;
            using var json = JsonDocument.Parse(content);
            if (!json.RootElement.TryGetProperty("error", out var body) || body.ValueKind != JsonValueKind.Object) return null;
            return Text(body, "code") ?? Text(body, "type");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name)
        => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and < 60 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? text : null;

    private static string? Header(ClientResultException error, string name)
        => error.GetRawResponse()?.Headers.TryGetValue(name, out var value) == true ? value : null;

    private static TimeSpan? RetryAfter(Func<string, string?> header)
    {
        if (Number(header("retry-after-ms")) is { } milliseconds) return TimeSpan.FromMilliseconds(milliseconds);
        if (header("retry-after") is not { } text) return null;
        if (Number(text) is { } seconds) return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date - DateTimeOffset.UtcNow is { Ticks: > 0 } wait ? wait : null;
    }

    private static double? Number(string? text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and < 1e9 ? value : null;
}
