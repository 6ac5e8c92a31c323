using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>Writes tokenizer.json for a tokenizer that older files describe; Hugging Face's libraries read it, and this library
/// too.</summary>
internal static class TokenizerJsonWriter
{
    // People read tokens too, so only what JSON requires is escaped.
    private static readonly JsonWriterOptions _options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="special">The added tokens, with those around a sentence.</param>
    /// <param name="names">The names and rules of the model's kind.</param>
    /// <param name="normalizer">The normalizer's part; null for none.</param>
    /// <param name="preTokenizer">The pre-tokenizer's part.</param>
    /// <param name="decoder">The decoder's part, which only other libraries read.</param>
    /// <param name="writeModel">Writes the members of the model's part.</param>
    public static byte[] Write(OlderSpecialTokens special, SpecialTokenNames names,
        JsonNode? normalizer, JsonNode preTokenizer, JsonNode decoder, Action<Utf8JsonWriter> writeModel) => ToBytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        Write(writer, "added_tokens", new JsonArray([.. special.All.Select(token => token.ToJson(withId: true))]));
        Write(writer, "normalizer", normalizer);
        Write(writer, "pre_tokenizer", preTokenizer);
        Write(writer, "post_processor", Template(special.Classifier, special.Separator, names.SeparatesTwice));
        Write(writer, "decoder", decoder);
        writer.WriteStartObject("model");
        writeModel(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>A JSON file of the tokenizer, in the form that all of them are written in.</summary>
    public static byte[] ToBytes(JsonObject json) => ToBytes(writer => json.WriteTo(writer));

    /// <inheritdoc cref="ToBytes(JsonObject)"/>
    public static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, _options)) write(writer);
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        if (value is null) writer.WriteNullValue();
        else value.WriteTo(writer);
    }

    private static JsonObject Template(AddedToken classifier, AddedToken separator, bool separatesTwice)
    {
        // Models that mark a second sentence by its type give that type to all that follows the first separator.
        int second = separatesTwice ? 0 : 1;
        JsonArray pair = [Special(classifier), Sequence("A"), Special(separator)];
        if (separatesTwice) pair.Add((JsonNode)Special(separator));
        pair.Add((JsonNode)Sequence("B", second));
        pair.Add((JsonNode)Special(separator, second));
        var ids = new JsonObject();
        foreach (var (content, id) in new[] { classifier, separator })
            ids[content] = new JsonObject { ["id"] = content, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(content) };
        return new()
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(Special(classifier), Sequence("A"), Special(separator)),
            ["pair"] = pair,
            ["special_tokens"] = ids,
        };
    }

    private static JsonObject Special(AddedToken token, int type = 0)
        => new() { ["SpecialToken"] = new JsonObject { ["id"] = token.Content, ["type_id"] = type } };

    private static JsonObject Sequence(string name, int type = 0)
        => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
}
