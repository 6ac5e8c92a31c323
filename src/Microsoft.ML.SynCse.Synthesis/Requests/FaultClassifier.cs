using System.ClientModel;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Polly;
using Polly.Timeout;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// What a chat client's exception means for the run: OpenAI's and Azure's clients (System.ClientModel), those over HttpClient, and
/// resilience handlers below them.
/// </summary>
internal static class FaultClassifier
{
    /// <summary>The name of a request that was given up because it took too long.</summary>
    public const string Timeout = "timeout";

    /// <summary>The name of a body that is no chat completion.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The name of a reply whose finish_reason the client library does not know.</summary>
    public const string UnknownFinish = "unknown-finish-reason";

    private const string Connection = "connection";

    // What every request of a run has in common: a provider that does not take it will take none.
    private static readonly string[] _settings = ["model", "temperature", "top_p", "response_format"];

    /// <summary>Reads an exception.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="seen">What the call got over HTTP; null if that is not known.</param>
    public static SynthesisFault Classify(Exception error, HttpTap? seen = null) => error switch
    {
        ClientResultException { Status: >= 300 } http => OfAnswer(Answer(http, seen)),
        HttpRequestException { StatusCode: { } status }
            => OfAnswer(HttpAnswer.Of(seen) is { } answer && answer.Status == (int)status ? answer : new((int)status, null, _ => null)),
        ClientResultException { InnerException: HttpRequestException http } => OfConnection(http),
        HttpRequestException http => OfConnection(http),
        ClientResultException { Status: 0 } or SocketException => new(SynthesisFaultKind.Transient, Connection),
        OperationCanceledException or TimeoutException or TimeoutRejectedException => new(SynthesisFaultKind.Transient, Timeout),
        ExecutionRejectedException => new(SynthesisFaultKind.Transient, "rejected-by-client") { MayBeBilled = false },
        IOException => new(SynthesisFaultKind.Transient, "cut-reply"),
        AggregateException { InnerExceptions: [.., var last] } => Classify(last, seen),
        _ when AzureErrors.IsLogin(error) => OfLogin(error),
        _ when AzureErrors.Answer(error) is { } answer => OfAnswer(answer),
        _ when AzureErrors.IsWithoutAnswer(error) => error.InnerException is HttpRequestException http
            ? OfConnection(http) : new(SynthesisFaultKind.Transient, Connection),
        // An exception of a client that is not known, over an answer that is.
        _ when HttpAnswer.Of(seen) is { Status: >= 400 } answer => OfAnswer(answer),
        _ when seen is not null && ProviderError.ReadWithinSuccess(seen.Body) is { } said
            => OfStatus(said.Status ?? StatusOf(said.Code), said, RetryAfter(seen.Header)),
        NotSupportedException or NotImplementedException => new(SynthesisFaultKind.Permanent, "not-supported") { MayBeBilled = false },
        ArgumentOutOfRangeException range when range.Message.Contains("FinishReason", StringComparison.Ordinal)
            => OfFinish(range.ActualValue?.ToString() ?? ""),
        // What a client makes of a body that is no chat completion: JsonException, but also ArgumentException, InvalidOperationException or
        // NullReferenceException (OpenAI 2.14).
        _ => new(SynthesisFaultKind.Transient, Unreadable),
    };

    /// <summary>
    /// Whether an exception means a service that was not reached or did not answer as it should, and not of a mistake in the code that
    /// threw it.
    /// </summary>
    /// <param name="error">The exception.</param>
    /// <param name="answered">Whether a service is known to have answered: what cannot be read on then is its answer, and no file.</param>
    /// <param name="timedOut">Whether the call's own time is over: a cancellation then is that.</param>
    public static bool IsOfService(Exception error, bool answered, bool timedOut) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException or DriveNotFoundException or PathTooLongException or FileLoadException => false,
        ClientResultException or HttpRequestException or SocketException or HttpIOException or TimeoutException or TimeoutRejectedException
            or ExecutionRejectedException => true,
        IOException => answered || HasServiceInside(error),
        OperationCanceledException => timedOut || HasServiceInside(error),
        AggregateException { InnerExceptions: [.., var last] } => IsOfService(last, answered, timedOut),
        _ => AzureErrors.IsLogin(error) || AzureErrors.IsWithoutAnswer(error) || AzureErrors.Answer(error) is not null,
    };

    // HttpClient puts what happened to its connection, and that its time was over, inside.
    private static bool HasServiceInside(Exception error)
    {
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is TimeoutException or SocketException or HttpRequestException or HttpIOException) return true;
        }
        return false;
    }

    // OpenAI 2.14 throws a reply away whose finish_reason it does not know; if it came over HttpClient it is read all the same,
    // elsewhere the text is lost.
    private static SynthesisFault OfFinish(string word) => FinishWord.KindOf(word) switch
    {
        FinishKind.Interrupted => new(SynthesisFaultKind.Transient, UnknownFinish) { Message = FinishWord.Explain(word) },
        FinishKind.Ended => new(SynthesisFaultKind.Refused, UnknownFinish)
        {
            Message = $"the client library does not know the reply's finish_reason '{word}' and throws the reply away; "
                + "have the server send 'stop', or use a client that takes it.",
        },
        _ => new(SynthesisFaultKind.Refused, UnknownFinish) { Message = FinishWord.Explain(word) },
    };

    // Without a connection, nothing was sent.
    private static SynthesisFault OfConnection(HttpRequestException error) => new(SynthesisFaultKind.Transient, Connection)
    {
        MayBeBilled = error.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError),
    };

    // Without a token nothing was sent to the model. A login service that is busy is no refusal.
    private static SynthesisFault OfLogin(Exception error)
    {
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (AzureErrors.Answer(inner) is { Status: 429 or >= 500 } answer) return OfAnswer(answer);
        }
        return new(SynthesisFaultKind.Permanent, "login") { Message = error.Message, MayBeBilled = false };
    }

    private static SynthesisFault OfAnswer(HttpAnswer answer)
        => OfStatus(answer.Status, ProviderError.Read(answer.Body), RetryAfter(answer.Header));

    private static SynthesisFault OfStatus(int status, ProviderError? said, TimeSpan? retryAfter)
    {
        string name = $"http-{status.ToString(CultureInfo.InvariantCulture)}";
        var kind = KindOf(status, said);
        string? code = said?.Code is { } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? text : null;
        return new(kind, code is null || kind is SynthesisFaultKind.Throttled or SynthesisFaultKind.Transient ? name : $"{name}-{code}")
        {
            RetryAfter = retryAfter,
            Message = said?.Message,
            // The model wrote something, only not in the form that the request names.
            MayBeBilled = code is "json_validate_failed" or "tool_use_failed" or "output_parse_failed",
        };
    }

    private static SynthesisFaultKind KindOf(int status, ProviderError? said) => (status, said?.Code) switch
    {
        (_, "insufficient_quota" or "billing_hard_limit_reached" or "billing_not_active" or "exceeded_current_quota_error"
            or "insufficient_balance") => SynthesisFaultKind.Permanent,
        (_, "invalid_api_key" or "API_KEY_INVALID" or "model_not_found") => SynthesisFaultKind.Permanent,
        (429, _) or (403, "rate_limit_exceeded" or "rateLimitExceeded") => SynthesisFaultKind.Throttled,
        // A chat template that fails: it will fail the next time as well.
        ( >= 500, _) when said?.Message is { } words && SystemRoleAdvice.For(words) is not null => SynthesisFaultKind.Refused,
        (408 or 409 or 424 or 425, _) or ( >= 500 and not 501 and not 505, _) => SynthesisFaultKind.Transient,
        // Which of them are the request's own and which are those of all requests shows in what becomes of the others (RefusalWatch).
        (400 or 403 or 413 or 414 or 422 or 451, _) => IsOfSetting(said) ? SynthesisFaultKind.Permanent : SynthesisFaultKind.Refused,
        _ => SynthesisFaultKind.Permanent,
    };

    private static bool IsOfSetting(ProviderError? said)
    {
        if (said?.Param is { } param) return _settings.Contains(param, StringComparer.Ordinal);
        return said?.Code is "invalid_value" or "unsupported_value" or "unsupported_parameter" or "unknown_parameter"
            && _settings.Any(name => said.Message?.Contains($"'{name}'", StringComparison.Ordinal) == true);
    }

    // A body without a number: the status that others send with such a name.
    private static int StatusOf(string? code) => code?.ToUpperInvariant() switch
    {
        null => 400,
        var name when name.Contains("RATE_LIMIT", StringComparison.Ordinal) || name.Contains("TOO_MANY", StringComparison.Ordinal)
            || name == "RESOURCE_EXHAUSTED" => 429,
        var name when name.Contains("QUOTA", StringComparison.Ordinal) || name.Contains("CREDIT", StringComparison.Ordinal)
            || name.Contains("BALANCE", StringComparison.Ordinal) => 402,
        var name when name.Contains("API_KEY", StringComparison.Ordinal) || name.Contains("AUTHENTICATION", StringComparison.Ordinal)
            || name.Contains("UNAUTHORIZED", StringComparison.Ordinal) => 401,
        var name when name.Contains("NOT_FOUND", StringComparison.Ordinal) => 404,
        "SERVER_ERROR" or "API_ERROR" or "INTERNAL" or "INTERNAL_ERROR" or "INTERNAL_SERVER_ERROR" or "OVERLOADED" or "OVERLOADED_ERROR"
            or "UNAVAILABLE" or "TIMEOUT" => 503,
        _ => 400,
    };

    private static HttpAnswer Answer(ClientResultException error, HttpTap? seen)
    {
        if (error.GetRawResponse() is not { } response) return HttpAnswer.Of(seen) is { } tapped && tapped.Status == error.Status
            ? tapped : new(error.Status, null, _ => null);
        return new(error.Status, Body(response), name => response.Headers.TryGetValue(name, out string? value) ? value : null);
    }

    private static string? Body(System.ClientModel.Primitives.PipelineResponse response)
    {
        try
        {
            return response.Content.ToString();
        }
        catch (InvalidOperationException)
        {
            return null;                                                        // it was not read to its end
        }
    }

    private static TimeSpan? RetryAfter(Func<string, string?> header)
    {
        if (Number(header("retry-after-ms")) is { } milliseconds) return TimeSpan.FromMilliseconds(milliseconds);
        if (header("retry-after") is not { } text) return null;
        if (Number(text) is { } seconds) return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            && date - DateTimeOffset.UtcNow is { Ticks: > 0 } wait ? wait : null;
    }

    private static double? Number(string? text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and < 1e9 ? value
            : null;
}

/// <summary>An HTTP answer that was no reply.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body; null if it is not known.</param>
/// <param name="Header">Finds a header by its name; null for one that is not there.</param>
internal sealed record HttpAnswer(int Status, string? Body, Func<string, string?> Header)
{
    /// <summary>What a tap holds; null if no answer came.</summary>
    public static HttpAnswer? Of(HttpTap? tap) => tap is { Status: > 0 } ? new(tap.Status, tap.Body, tap.Header) : null;
}

/// <summary>Reads the exceptions of Azure.Core and Azure.Identity by their names, so that the library needs neither package.</summary>
internal static class AzureErrors
{
    /// <summary>
    /// The answer that an <c>Azure.RequestFailedException</c> stands for; null for another exception, and if no answer came.
    /// </summary>
    public static HttpAnswer? Answer(Exception error)
    {
        if (!Is(error, "Azure.RequestFailedException") || Value(error, "Status") is not int status || status <= 0) return null;
        object? response = error.GetType().GetMethod("GetRawResponse", Type.EmptyTypes)?.Invoke(error, null);
        object? headers = response is null ? null : Value(response, "Headers");
        string? body = Body(response);
        // One that was made by hand has a code and words, but no answer.
        if (body is null) body = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string,
            string?>
        { ["code"] = Value(error, "ErrorCode") as string, ["message"] = error.Message });
        return new HttpAnswer(status, body, name => Header(headers, name));
    }

    /// <summary>Whether it is one of Azure.Core's over a connection that failed.</summary>
    public static bool IsWithoutAnswer(Exception error) => Is(error, "Azure.RequestFailedException") && Value(error, "Status") is 0;

    /// <summary>Whether no token could be got: <c>Azure.Identity.AuthenticationFailedException</c> and those derived from it.</summary>
    public static bool IsLogin(Exception error) => Is(error, "Azure.Identity.AuthenticationFailedException");

    private static bool Is(Exception error, string name)
    {
        for (var type = error.GetType(); type is not null; type = type.BaseType)
        {
            if (type.FullName == name) return true;
        }
        return false;
    }

    private static object? Value(object owner, string property) => owner.GetType().GetProperty(property)?.GetValue(owner);

    private static string? Body(object? response)
    {
        try
        {
            return response is null ? null : Value(response, "Content")?.ToString() is { Length: > 0 } text ? text : null;
        }
        catch (System.Reflection.TargetInvocationException)
        {
            return null;                                                        // a body that was not read to its end
        }
    }

    private static string? Header(object? headers, string name)
    {
        object?[] arguments = [name, null];
        var find = headers?.GetType().GetMethod("TryGetValue", [typeof(string), typeof(string).MakeByRefType()]);
        return find?.Invoke(headers, arguments) is true ? arguments[1] as string : null;
    }
}
