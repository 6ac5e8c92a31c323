using System.Text.Json;
using System.Text.Unicode;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Proves JSON to its last byte before anything is made of it: System.Text.Json finds broken text and repeated names only when
/// they are asked for, each with an exception of its own.</summary>
internal static class JsonCheck
{
    /// <summary>Reads the whole once.</summary>
    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="options">What is allowed; the depth too.</param>
    /// <param name="uniqueNames">Whether an object may hold a name only once.</param>
    /// <param name="mostValues">How many values there may be, names counted too: each takes memory once it is parsed, be it one digit in
    /// the file.</param>
    /// <exception cref="JsonException">It is not JSON of the kind allowed.</exception>
    public static void Check(ReadOnlySpan<byte> json, JsonReaderOptions options, bool uniqueNames, int mostValues)
    {
        if (!Utf8.IsValid(json)) throw new JsonException("it is not UTF-8 text.");
        var reader = new Utf8JsonReader(json, options);
        var open = new Stack<HashSet<string>>();
        int values = 0;
        while (reader.Read())
        {
            if (++values > mostValues) throw new JsonException($"it has more than {mostValues} values.");
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped) Text(ref reader);
            if (!uniqueNames) continue;
            if (reader.TokenType == JsonTokenType.StartObject) open.Push(new(StringComparer.Ordinal));
            else if (reader.TokenType == JsonTokenType.EndObject) open.Pop();
            else if (reader.TokenType == JsonTokenType.PropertyName && !open.Peek().Add(Text(ref reader))) throw new JsonException(
                $"the name '{Text(ref reader)}' is there twice in one object.");
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException($"at byte {reader.TokenStartIndex} there is half a character.", error);
        }
    }
}
