using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse;

/// <summary>Small files of a model: whole texts and JSON objects, with errors that name the file.</summary>
internal static class ModelFiles
{
    private const int MaxBytes = 256 << 20;
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The bytes of a file, or null where there is none.</summary>
    public static byte[]? ReadBytes(this IModelFileSource files, string name)
    {
        byte[]? bytes = null;
        files.TryRead(name, stream =>
        {
            using var copy = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                copy.Write(buffer, 0, read);
                if (copy.Length > MaxBytes) throw new InvalidDataException($"{files.Describe(name)} is larger than {MaxBytes >> 20} MB.");
            }
            bytes = copy.ToArray();
        });
        return bytes;
    }

    /// <summary>The JSON object in a file, or null where there is no such file.</summary>
    public static JsonObject? ReadJsonObject(this IModelFileSource files, string name)
        => files.ReadJson(name) is not { } node ? null : node as JsonObject ?? throw new InvalidDataException($"{files.Describe(name)} is not a JSON object.");

    /// <summary>The JSON value in a file, or null where there is no such file.</summary>
    public static JsonNode? ReadJson(this IModelFileSource files, string name)
    {
        if (files.ReadBytes(name) is not { } bytes) return null;
        try
        {
            var text = bytes.AsSpan();
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            return JsonNode.Parse(text, documentOptions: Lenient) ?? throw new InvalidDataException($"{files.Describe(name)} is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{files.Describe(name)} is not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>Writes a JSON value, indented.</summary>
    public static void WriteJson(this IModelFileSink sink, string name, JsonNode value)
        => sink.Write(name, stream => JsonSerializer.Serialize(stream, value, Indented));

    /// <summary>The file's full name for a message.</summary>
    public static string Describe(this IModelFileSource files, string name) => $"'{name}' in '{files.Location}'";
}
