using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="File">The file for messages.</param>
/// <param name="Name">Its name.</param>
/// <param name="Dtype">Its number format as the file writes it: F32, F16, BF16, I64 ...</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">One past its last byte.</param>
internal sealed record SafetensorsEntry(string File, string Name, string Dtype, long[] Shape, long Begin, long End)
{
    /// <summary>The name for a message.</summary>
    public string ShownName => ModelFileName.Shown(Name);

    /// <summary>The shape for a message.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}

/// <summary>The header of a safetensors file: 8 bytes of length, then JSON; checked before anything is allocated from it.</summary>
internal static class SafetensorsHeader
{
    // A model of 90,000 tensors has 9 MB; what is made of a header takes up to four times its size.
    private const int MostBytes = 16 << 20;
    private static readonly Dictionary<string, int> _sizes = new()
    {
        ["C64"] = 8,
        ["F64"] = 8,
        ["F32"] = 4,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I64"] = 8,
        ["I32"] = 4,
        ["I16"] = 2,
        ["I8"] = 1,
        ["U64"] = 8,
        ["U32"] = 4,
        ["U16"] = 2,
        ["U8"] = 1,
        ["BOOL"] = 1,
        ["F8_E5M2"] = 1,
        ["F8_E4M3"] = 1,
        ["F8_E8M0"] = 1,
    };

    /// <summary>Reads the header and leaves <paramref name="stream"/> at the first tensor's first byte.</summary>
    /// <param name="stream">The file, at its start; knows its length.</param>
    /// <param name="file">The file for messages.</param>
    /// <returns>The tensors in the order of their bytes; a tensor with a second name (<see cref="SafetensorsHeaderJson.Aliases"/>) is there
    /// under both.</returns>
    /// <exception cref="InvalidDataException">The header is damaged; names the file.</exception>
    public static IReadOnlyList<SafetensorsEntry> Read(Stream stream, string file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(file, "it is shorter than a header");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long rest = stream.Length - 8;
        if (length > MostBytes || (long)length > rest) throw Damaged(
            file, $"its header claims {length} bytes, and {Math.Min(rest, MostBytes)} are possible");
        byte[] json = new byte[(int)length];
        if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length) throw Damaged(
            file, "it ends inside its header");
        var header = SafetensorsHeaderJson.Read(json, file);
        header.Entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        Check(header.Entries, rest - json.Length, file);
        return WithAliases(header);
    }

    internal static InvalidDataException Damaged(string file, string why, Exception? inner = null)
        => new($"{file} is damaged: {why}.", inner);

    // The format wants every byte to belong to one tensor: no hole, no overlap, nothing after the last.
    private static void Check(List<SafetensorsEntry> entries, long available, string file)
    {
        long next = 0;
        foreach (var entry in entries)
        {
            if (!_sizes.TryGetValue(entry.Dtype, out int size)) throw Damaged(
                file, $"the tensor {entry.ShownName} has the unknown dtype '{ModelFileName.Shown(entry.Dtype)}'");
            if (entry.Begin != next || entry.End < entry.Begin || entry.End > available
                || Bytes(entry.Shape, size) != entry.End - entry.Begin)
                throw Damaged(file,
                    $"the tensor {entry.ShownName} has shape {entry.ShapeText} and bytes {entry.Begin} to {entry.End} of {available}, "
                    + $"which do not fit together, leave a gap or overlap");
            next = entry.End;
        }
        if (available != next) throw Damaged(file, $"its tensors take {next} bytes and {available} are there");
    }

    // Null where no file could be so large.
    private static long? Bytes(long[] shape, int size)
    {
        var bytes = (UInt128)size;
        foreach (long n in shape)
        {
            bytes *= (UInt128)n;                                        // both below 2^63, so their product fits
            if (bytes > long.MaxValue) return null;
        }
        return (long)bytes;
    }

    private static List<SafetensorsEntry> WithAliases(SafetensorsHeaderJson header)
    {
        if (header.Aliases.Count == 0) return header.Entries;
        var byName = header.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
        var aliases = header.Aliases.Where(a => byName.ContainsKey(a.Kept) && !byName.ContainsKey(a.Name))
            .Select(a => byName[a.Kept] with { Name = a.Name });
        return [.. header.Entries.Concat(aliases).OrderBy(e => (e.Begin, e.End))];
    }
}

/// <summary>What the JSON of a safetensors header says, read in one pass; whether its numbers fit together is
/// <see cref="SafetensorsHeader"/>'s question.</summary>
internal sealed class SafetensorsHeaderJson
{
    private const string Metadata = "__metadata__";
    private const int Depth = 8, MostDimensions = 8;

    private SafetensorsHeaderJson()
    {
    }

    /// <summary>The tensors in the order of the JSON.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>The texts of the metadata. Where safetensors' own <c>save_model</c> meets one tensor under two names, it keeps one and
    /// writes here: the name that was dropped, the name that was kept.</summary>
    public List<(string Name, string Kept)> Aliases { get; } = [];

    /// <summary>Reads the JSON of a header once, without objects for its parts.</summary>
    /// <exception cref="InvalidDataException">It is not JSON or not a header; names the file and the tensor.</exception>
    public static SafetensorsHeaderJson Read(ReadOnlySpan<byte> json, string file)
    {
        var options = new JsonReaderOptions { MaxDepth = Depth };
        try
        {
            JsonCheck.Check(json, options, uniqueNames: true, int.MaxValue);
        }
        catch (JsonException error)
        {
            throw SafetensorsHeader.Damaged(file, $"its header cannot be read ({error.Message.TrimEnd('.')})", error);
        }
        var header = new SafetensorsHeaderJson();
        var reader = new Utf8JsonReader(json, options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw SafetensorsHeader.Damaged(
            file, "its header cannot be read (it is not an object)");
        while (Name(ref reader) is { } name)
        {
            if (reader.TokenType != JsonTokenType.StartObject) throw SafetensorsHeader.Damaged(
                file, $"{ModelFileName.Shown(name)} is not an object");
            if (name == Metadata) header.ReadMetadata(ref reader, file);
            else header.Entries.Add(ReadTensor(ref reader, name, file));
        }
        return header;
    }

    private void ReadMetadata(ref Utf8JsonReader reader, string file)
    {
        while (Name(ref reader) is { } name)
        {
            if (reader.TokenType != JsonTokenType.String) throw SafetensorsHeader.Damaged(
                file, $"its metadata {ModelFileName.Shown(name)} is not a text");
            Aliases.Add((name, reader.GetString()!));
        }
    }

    private static SafetensorsEntry ReadTensor(ref Utf8JsonReader reader, string tensor, string file)
    {
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        while (Name(ref reader) is { } name)
        {
            if (name == "dtype" && reader.TokenType == JsonTokenType.String) dtype = reader.GetString()!;
            else if (name == "shape" && reader.TokenType == JsonTokenType.StartArray) shape = Numbers(ref reader, MostDimensions);
            else if (name == "data_offsets" && reader.TokenType == JsonTokenType.StartArray) offsets = Numbers(ref reader, 2);
            else reader.Skip();
        }
        if (dtype is not null && shape is not null && offsets is { Count: 2 }) return new(
            file, tensor, dtype, [.. shape], offsets[0], offsets[1]);
        throw SafetensorsHeader.Damaged(
            file, $"the tensor {ModelFileName.Shown(tensor)} lacks a dtype, a shape of at most {MostDimensions} whole numbers from 0, or "
            + $"two data_offsets");
    }

    // The next name of an object, the reader moved to its value; null at the object's end.
    private static string? Name(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject) return null;
        string name = reader.GetString()!;
        reader.Read();
        return name;
    }

    // Null where the array holds anything but a few whole numbers from 0.
    private static List<long>? Numbers(ref Utf8JsonReader reader, int most)
    {
        var numbers = new List<long>(2);
        bool sound = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0
                || numbers.Count == most) sound = false;
            else numbers.Add(number);
            reader.Skip();
        }
        return sound ? numbers : null;
    }
}

/// <summary>Which of several safetensors files holds which tensor: <c>model.safetensors.index.json</c>. Its metadata.total_size is not
/// looked at, as transformers does not either: the shards say what is there.</summary>
/// <param name="File">The index for messages.</param>
/// <param name="Shards">The shards by tensor, as names below the model's root.</param>
internal sealed record SafetensorsIndex(string File, IReadOnlyDictionary<string, string> Shards)
{
    /// <summary>The name of the index of a model whose weights would be in <paramref name="file"/>.</summary>
    public static string NameFor(string file) => file + ".index.json";

    /// <summary>Reads the index that stands for <paramref name="file"/>, or returns null if it is missing.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or names a shard that is not a file beside it.</exception>
    public static SafetensorsIndex? Read(IModelFileSource files, string file)
    {
        string name = NameFor(file);
        if (files.ReadJsonObject(name) is not { } json) return null;
        string where = files.Describe(name);
        if (json["weight_map"] is not JsonObject { Count: > 0 } map) throw new InvalidDataException(
            $"{where} has no weight_map, which says the shard of each tensor.");
        string folder = file[..(file.LastIndexOf('/') + 1)];
        return new(where, map.ToDictionary(p => p.Key, p => folder + Shard(p.Key, p.Value, where), StringComparer.Ordinal));
    }

    private static string Shard(string tensor, JsonNode? node, string where)
    {
        if (node is not JsonValue value || !value.TryGetValue(out string? shard)) throw new InvalidDataException(
            $"{where}: the shard of the tensor {ModelFileName.Shown(tensor)} is not a text.");
        if (shard.Contains('/') || !ModelFileName.IsInside(shard)) throw new InvalidDataException(
            $"{where} names the shard '{ModelFileName.Shown(shard)}'; a shard must lie beside the index.");
        if (!shard.EndsWith(".safetensors", StringComparison.Ordinal)) throw new InvalidDataException(
            $"{where} names the shard '{ModelFileName.Shown(shard)}'; a shard must be a .safetensors file.");
        return shard;
    }
}
