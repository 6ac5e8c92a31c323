using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>What a provider says in the body of an answer that is no reply.</summary>
/// <param name="Status">The HTTP status that stands in the body; null if none does.</param>
/// <param name="Code">Its short name for what happened; null if it has none.</param>
/// <param name="Param">The part of the request that is wrong; null if it names none.</param>
/// <param name="Message">Its words; null if there are none.</param>
internal sealed record ProviderError(int? Status, string? Code, string? Param, string? Message)
{
    private const int LongestCode = 60, LongestPlainText = 500, Deepest = 4;

    private static readonly JsonDocumentOptions _lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 64
    };
    private static readonly string[] _codeNames = ["code", "type", "status", "error_type", "error_code", "reason"];
    private static readonly string[] _messageNames = ["message", "msg", "detail", "error_description", "error_message", "error_msg",
        "status_msg", "description", "title", "error"];

    /// <summary>Reads the body of an error status, in any form that is known: JSON, or a line of plain text.</summary>
    public static ProviderError? Read(string? body)
    {
        if (string.IsNullOrWhiteSpace(body)) return null;
        if (TryRead(body, root => Of(First(root), 0), out var read)) return read;
        string text = body.Trim();
        return text.Length <= LongestPlainText && text[0] != '<' ? new(null, null, null, text) : null;
    }

    /// <summary>Reads a body that came with a good status; null if it reports no error.</summary>
    public static ProviderError? ReadWithinSuccess(string? body)
        => !string.IsNullOrWhiteSpace(body) && TryRead(body, static root => WithinSuccess(First(root)), out var read) ? read : null;

    private static ProviderError? WithinSuccess(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return null;
        // OpenRouter: what went wrong while the reply was written stands in its choice.
        if (Property(root, "choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0) return Inner(root)
            ?? Inner(choices[0]);
        if (Property(root, "object") is { ValueKind: JsonValueKind.String } kind && kind.ValueEquals("error")) return Of(root, 0);
        if (Inner(root) is { } inner) return inner;
        if (Property(root, "base_resp") is { ValueKind: JsonValueKind.Object } response
            && Scalar(response, "status_code") is { } number and not "0") return Of(response, 0) with { Code = number };
        return Text(root, "message", 0) is not null && (Scalar(root, "code") ?? Scalar(root, "error_code")) is not null
            ? Of(root, 0) : null;
    }

    private static ProviderError? Inner(JsonElement element)
        => element.ValueKind == JsonValueKind.Object
            && (Given(Property(element, "error")) ?? Given(Property(element, "errors"))) is not null ? Of(element, 0) : null;

    private static ProviderError Of(JsonElement element, int depth)
    {
        if (element.ValueKind != JsonValueKind.Object) return new(null, null, null, Words(element, depth));
        // {"error": {...}}, {"errors": [{...}]}; {"error": "words"} has its code beside it.
        var inner = Given(Property(element, "error")) ?? Given(Property(element, "errors"));
        if (inner is { } nested && depth < Deepest && First(nested) is { ValueKind: JsonValueKind.Object } body)
        {
            var read = Of(body, depth + 1);
            var outer = OfFields(element, depth);
            return read with
            {
                Status = read.Status ?? outer.Status,
                Code = read.Code ?? outer.Code,
                Message = read.Message
                ?? outer.Message
            };
        }
        return OfFields(element, depth);
    }

    private static ProviderError OfFields(JsonElement element, int depth)
    {
        string[] codes = _codeNames.Select(name => Scalar(element, name)).OfType<string>().ToArray();
        // OAuth: {"error": "invalid_client", "error_description": "..."}.
        if (Property(element, "error_description") is not null && Scalar(element, "error") is { } named) codes = [named, .. codes];
        int? status = codes.Select(StatusOf).FirstOrDefault(s => s is not null);
        // Google says in a detail alone why a key is not valid.
        string? code = Detail(element) ?? codes.FirstOrDefault(c => StatusOf(c) is null && IsName(c));
        string? message = _messageNames.Select(name => Text(element, name, depth)).FirstOrDefault(text => text is not null);
        if (Property(element, "metadata") is { ValueKind: JsonValueKind.Object } metadata) message = WithMetadata(message, metadata, depth);
        string? param = Scalar(element, "param") is { Length: < 200 } name1 ? name1 : null;
        return new(status, code, param, message);
    }

    // OpenRouter: the words of the provider that it passed the request to, or why its moderation refused.
    private static string? WithMetadata(string? message, JsonElement metadata, int depth)
    {
        string? raw = Property(metadata, "raw") is { } given && depth < Deepest
            ? given.ValueKind == JsonValueKind.String ? Read(given.GetString())?.Message : Of(First(given), depth + 1).Message : null;
        string? reasons = Property(metadata, "reasons") is { ValueKind: JsonValueKind.Array } list
            ? string.Join(", ", list.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String)) : null;
        string all = string.Join(": ", new[] { message, raw, reasons }.Where(part => !string.IsNullOrEmpty(part)));
        return all.Length > 0 ? all : null;
    }

    private static string? Detail(JsonElement element)
    {
        if (Property(element, "details") is not { ValueKind: JsonValueKind.Array } details) return null;
        return details.EnumerateArray().Where(d => d.ValueKind == JsonValueKind.Object).Select(d => Scalar(d, "reason"))
            .FirstOrDefault(reason => reason is not null && IsName(reason));
    }

    private static string? Text(JsonElement element, string name, int depth) => Property(element, name) is { } value
        ? Words(value, depth) : null;

    private static string? Words(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()) ? null : value.GetString(),
        // FastAPI and Mistral: [{"loc": ["body", "messages", 0], "msg": "..."}]; what was sent stands beside it and is not repeated.
        JsonValueKind.Array when depth < Deepest => Joined(value.EnumerateArray().Take(3).Select(item => Located(item, depth + 1))),
        JsonValueKind.Object when depth < Deepest => Of(value, depth + 1).Message,
        _ => null,
    };

    private static string? Located(JsonElement item, int depth)
    {
        string? words = Words(item, depth);
        if (words is null || item.ValueKind != JsonValueKind.Object
            || Property(item, "loc") is not { ValueKind: JsonValueKind.Array } place) return words;
        var parts = place.EnumerateArray().Where(p => p.ValueKind is JsonValueKind.String or JsonValueKind.Number);
        return $"{string.Join('.', parts)}: {words}";
    }

    private static string? Joined(IEnumerable<string?> parts)
    {
        string all = string.Join("; ", parts.OfType<string>());
        return all.Length > 0 ? all : null;
    }

    private static string? Scalar(JsonElement element, string name) => Property(element, name) switch
    {
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } value => value,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    private static int? StatusOf(string code) => int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number is >= 400 and <= 599 ? number : null;

    private static bool IsName(string code) => code.Length < LongestCode && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');

    private static JsonElement? Given(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Object } => value,
        { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() > 0 ? value : null,
        { ValueKind: JsonValueKind.String } text => string.IsNullOrWhiteSpace(text.GetString()) ? null : value,
        _ => null,
    };

    // Google wraps an error in a list.
    private static JsonElement First(JsonElement element) => element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0
        ? element[0] : element;

    private static JsonElement? Property(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;
        if (element.TryGetProperty(name, out var exact)) return exact;
        foreach (var property in element.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return property.Value;
        }
        return null;
    }

    /// <summary>Reads JSON; false if it is none.</summary>
    private static bool TryRead(string body, Func<JsonElement, ProviderError?> read, out ProviderError? error)
    {
        string text = body.Trim();
        // Some send an error as the first event of a stream that was not requested.
        if (text.StartsWith("data:", StringComparison.Ordinal)) text = text[5..].Split('\n', 2)[0];
        error = null;
        try
        {
            using var json = JsonDocument.Parse(text, _lenient);
            error = read(json.RootElement);
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;                                                        // an escape that stands for half a character
        }
    }
}
