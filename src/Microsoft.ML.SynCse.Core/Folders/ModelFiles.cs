using System.Buffers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The files of one encoder, wherever they lie: a folder, a zip, an ML.NET model.</summary>
internal interface IModelFileSource
{
    /// <summary>Where the files lie, for messages.</summary>
    string Location { get; }

    /// <summary>Calls <paramref name="read"/> with the file's content, from its first byte.</summary>
    /// <param name="name">The path below the encoder's root, with '/' between folders.</param>
    /// <param name="read">Receives a stream that may be forward-only but knows its length, closed after the call. What it made of the
    /// content counts only once the call has returned.</param>
    /// <returns>False if there is no such file.</returns>
    /// <exception cref="InvalidDataException">The name leads out of the encoder's root (<see cref="ModelFileName"/>), or the file turns out
    /// not to be the one that was saved.</exception>
    bool TryRead(string name, Action<Stream> read);
}

/// <summary>Takes the files of one encoder: a folder, an ML.NET model.</summary>
internal interface IModelFileSink
{
    /// <summary>Writes one file.</summary>
    /// <param name="name">The path below the encoder's root, with '/' between folders.</param>
    /// <param name="write">Writes the content; the stream may be forward-only.</param>
    void Write(string name, Action<Stream> write);
}

/// <summary>Small files of a model: whole texts and JSON objects, with errors that name the file.</summary>
internal static class ModelFiles
{
    // The largest tokenizer.json there are have 35 MB, the largest configurations some 100 KB, the index of a model in shards 100 bytes a
    // tensor.
    // A value takes a hundred bytes once it is parsed; a list of 10,000 labels has 40,000.
    private const int MostBytes = 64 << 20, MostJsonBytes = 4 << 20, MostJsonValues = 400_000;
    private const int Depth = 64;
    private static readonly JsonDocumentOptions _lenient =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = Depth };
    private static readonly JsonReaderOptions _lenientReader =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = Depth };
    // the same on every system
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The bytes of a file of at most 64 MB, or null if it is missing.</summary>
    /// <exception cref="InvalidDataException">It is larger.</exception>
    public static byte[]? ReadBytes(this IModelFileSource files, string name) => ReadBytes(files, name, MostBytes);

    /// <summary>The JSON object in a file of at most 4 MB, or null if it is missing.</summary>
    /// <exception cref="InvalidDataException">It is larger, or not a JSON object.</exception>
    public static JsonObject? ReadJsonObject(this IModelFileSource files, string name)
        => files.ReadJson(name) is not { } node ? null
            : node as JsonObject ?? throw new InvalidDataException($"{files.Describe(name)} is not a JSON object.");

    /// <summary>The JSON value in a file of at most 4 MB, or null if there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is larger, or not JSON, or has a name twice in one object.</exception>
    public static JsonNode? ReadJson(this IModelFileSource files, string name)
    {
        if (ReadBytes(files, name, MostJsonBytes) is not { } bytes) return null;
        try
        {
            var text = bytes.AsSpan();
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            JsonCheck.Check(text, _lenientReader, uniqueNames: true, MostJsonValues);
            return JsonNode.Parse(text, documentOptions: _lenient) ?? throw new InvalidDataException($"{files.Describe(name)} is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{files.Describe(name)} is not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>Writes a JSON value, indented.</summary>
    public static void WriteJson(this IModelFileSink sink, string name, JsonNode value)
        => sink.Write(name, stream => JsonSerializer.Serialize(stream, value, _indented));

    /// <summary>The file's full name for a message.</summary>
    public static string Describe(this IModelFileSource files, string name) => $"'{name}' in '{files.Location}'";

    private static byte[]? ReadBytes(IModelFileSource files, string name, int most)
    {
        byte[]? bytes = null;
        files.TryRead(name, stream =>
        {
            if (stream.Length > most) throw new InvalidDataException(
                $"{files.Describe(name)} has {stream.Length} bytes; a model's file of this kind may have {most >> 20} MB.");
            bytes = new byte[stream.Length];
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidDataException(
                $"{files.Describe(name)} is damaged: it ends before its {bytes.Length} bytes.");
        });
        return bytes;
    }
}

/// <summary>The names by which a model's files may name one another: below the model's own root, with '/' between folders.</summary>
internal static class ModelFileName
{
    private const int Longest = 1000, LongestShown = 80;

    // Windows reserves these names for devices, in every folder and with every extension.
    private static readonly string[] _devices =
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })];

    private static readonly SearchValues<char> _forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(c => (char)c), '\\', ':', '<', '>', '"', '|', '?', '*']);

    /// <summary>Whether the name stays below the root on every system: neither absolute nor with "..", no drive, no other slash, no device
    /// of Windows, and one name for one file.</summary>
    public static bool IsInside(string name)
        => name.Length is > 0 and <= Longest && name.AsSpan().IndexOfAny(_forbidden) < 0 && name.Split('/').All(IsName);

    /// <summary>Throws where the name leads out of the root.</summary>
    /// <exception cref="InvalidDataException">It does; names it and the root.</exception>
    public static void Check(string name, string location)
    {
        if (!IsInside(name)) throw new InvalidDataException(
            $"The model names a file '{Shown(name)}' outside the folder '{location}'; a model's files must lie inside it.");
    }

    // Windows drops dots and blanks at a name's end, so that two names would be one file.
    private static bool IsName(string part)
        => part.Length > 0 && part[^1] is not ('.' or ' ')
            && !_devices.Contains(part.Split('.')[0].TrimEnd(' '), StringComparer.OrdinalIgnoreCase);

    /// <summary>The name for a message: a hostile one may be long.</summary>
    public static string Shown(string name) => name.Length <= LongestShown ? name : name[..LongestShown] + "...";
}

/// <summary>The files below one folder of another source.</summary>
internal sealed class SubfolderSource(IModelFileSource files, string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location => $"{files.Location}/{folder}";

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read) => files.TryRead($"{folder}/{name}", read);
}

/// <summary>An encoder's files among the resources of an assembly, named folder/file.</summary>
internal sealed class EmbeddedFileSource(Assembly assembly, string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location => $"the package's {folder}";

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        using var stream = assembly.GetManifestResourceStream($"{folder}/{name}");
        if (stream is null) return false;
        read(stream);
        return true;
    }
}
