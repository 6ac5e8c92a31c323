using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Small files of a model: whole texts and JSON objects, with errors that name the file.</summary>
internal static class ModelFiles
{
    // The largest tokenizer.json there are have 35 MB, the largest configurations some 100 KB, the index of a model in shards 100 bytes a tensor.
    // A value takes a hundred bytes once it is parsed; a list of 10,000 labels has 40,000.
    private const int MostBytes = 64 << 20, MostJsonBytes = 4 << 20, MostJsonValues = 400_000;
    private const int Depth = 64;
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = Depth };
    private static readonly JsonReaderOptions LenientReader = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = Depth };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };     // the same on every system

    /// <summary>The bytes of a file of at most 64 MB, or null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is larger.</exception>
    public static byte[]? ReadBytes(this IModelFileSource files, string name) => ReadBytes(files, name, MostBytes);

    /// <summary>The JSON object in a file of at most 4 MB, or null where there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is larger, or not a JSON object.</exception>
    public static JsonObject? ReadJsonObject(this IModelFileSource files, string name)
        => files.ReadJson(name) is not { } node ? null : node as JsonObject ?? throw new InvalidDataException($"{files.Describe(name)} is not a JSON object.");

    /// <summary>The JSON value in a file of at most 4 MB, or null where there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is larger, or not JSON, or has a name twice in one object.</exception>
    public static JsonNode? ReadJson(this IModelFileSource files, string name)
    {
        if (ReadBytes(files, name, MostJsonBytes) is not { } bytes) return null;
        try
        {
            var text = bytes.AsSpan();
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            JsonCheck.Check(text, LenientReader, uniqueNames: true, MostJsonValues);
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

    private static byte[]? ReadBytes(IModelFileSource files, string name, int most)
    {
        byte[]? bytes = null;
        files.TryRead(name, stream =>
        {
            if (stream.Length > most) throw new InvalidDataException($"{files.Describe(name)} has {stream.Length} bytes; a model's file of this kind may have {most >> 20} MB.");
            bytes = new byte[stream.Length];
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidDataException($"{files.Describe(name)} is damaged: it ends before its {bytes.Length} bytes.");
        });
        return bytes;
    }
}
