using System.Text.Json;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>The JSON values in a text, with other text around them: models put them into fences, or words before and after them.</summary>
/// <remarks>
/// From each bracket that may begin a value the closing one is looked for, strings and nesting minded, and what lies between is parsed. A
/// text of brackets alone costs little: nesting is bounded, and so is what is looked at and parsed in vain.
/// </remarks>
internal static class JsonValues
{
    private const int MostNested = 16;

    // In multiples of the text's length, what is looked at; beside it, what is parsed in vain.
    private const int MostLooks = 40, MostFailures = 200;

    private static readonly JsonDocumentOptions _lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = MostNested,
    };

    /// <summary>The text as one JSON value; null if it is none.</summary>
    public static JsonDocument? Whole(string text)
    {
        var trimmed = text.AsSpan().Trim();
        // No exception for the most frequent case, a plain sentence.
        if (trimmed.IsEmpty || !"{[\"-0123456789tfn/".Contains(trimmed[0])) return null;
        return Parse(text);
    }

    /// <summary>The objects and arrays in a text that are not inside another one, in their order; the caller disposes each.</summary>
    public static IEnumerable<(JsonDocument Document, bool OwnLines)> In(string text)
    {
        long looks = (long)MostLooks * text.Length;
        int failures = 0;
        for (int at = text.AsSpan().IndexOfAny('{', '['); at >= 0 && looks > 0 && failures < MostFailures;)
        {
            int next = at + 1;
            if (MayBegin(text, at) && End(text, at, ref looks) is > 0 and int end)
            {
                if (Parse(text[at..end]) is { } document)
                {
                    bool ownLines = EndsLine(text.AsSpan(0, at), fromEnd: true) && EndsLine(text.AsSpan(end), fromEnd: false);
                    yield return (document, ownLines);
                    next = end;
                }
                else
                {
                    failures++;
                }
            }
            int found = text.AsSpan(next).IndexOfAny('{', '[');
            at = found < 0 ? -1 : next + found;
        }
    }

    private static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, _lenient);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether what follows a bracket can be JSON: "{braces}", "[Enter]" and "{{" cannot.</summary>
    private static bool MayBegin(string text, int at)
    {
        int next = at + 1;
        while (next < text.Length && char.IsWhiteSpace(text[next])) next++;
        if (next >= text.Length) return false;
        return text[at] == '{' ? text[next] is '"' or '}' or '/'
            : text[next] is '"' or ']' or '{' or '[' or '/' or '-' or 't' or 'f' or 'n' || char.IsAsciiDigit(text[next]);
    }

    /// <summary>The place after the bracket that closes the one at <paramref name="start"/>; 0 if none does.</summary>
    private static int End(string text, int start, ref long looks)
    {
        Span<char> open = stackalloc char[MostNested];
        int depth = 0;
        bool inString = false;
        for (int at = start; at < text.Length && looks > 0; at++, looks--)
        {
            char c = text[at];
            if (inString)
            {
                if (c == '\\') at++;
                else if (c == '"') inString = false;
                continue;
            }
            switch (c)
            {
                case '"':
                    inString = true;
                    break;
                case '{' or '[':
                    if (depth == MostNested) return 0;
                    open[depth++] = c;
                    break;
                case '}' or ']':
                    if (open[--depth] != (c == '}' ? '{' : '[')) return 0;
                    if (depth == 0) return at + 1;
                    break;
            }
        }
        return 0;
    }

    private static bool EndsLine(ReadOnlySpan<char> beside, bool fromEnd)
    {
        beside = fromEnd ? beside.TrimEnd(" \t") : beside.TrimStart(" \t");
        if (beside.IsEmpty) return true;
        if (fromEnd && (beside.EndsWith("```", StringComparison.Ordinal)
            || beside.EndsWith("```json", StringComparison.OrdinalIgnoreCase))) return true;
        if (!fromEnd && beside.StartsWith("```", StringComparison.Ordinal)) return true;
        return (fromEnd ? beside[^1] : beside[0]) is '\n' or '\r';
    }
}
