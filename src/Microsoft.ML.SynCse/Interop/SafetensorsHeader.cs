using System.Buffers.Binary;
using System.Text.Json;

namespace Microsoft.ML.SynCse;

/// <summary>The header of a safetensors file: 8 bytes of length, then JSON; checked before anything is allocated from it.</summary>
internal static class SafetensorsHeader
{
    private const long MaxLength = 100_000_000;
    private static readonly Dictionary<string, int> Sizes = new()
    {
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
    };

    /// <summary>Reads the header and leaves <paramref name="stream"/> at the first tensor's first byte.</summary>
    /// <param name="stream">The file, at its start.</param>
    /// <param name="file">The file for messages.</param>
    /// <returns>The tensors in the order of their bytes.</returns>
    /// <exception cref="InvalidDataException">The header is damaged; names the file.</exception>
    public static IReadOnlyList<SafetensorsEntry> Read(Stream stream, string file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(file, "it is shorter than a header");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength || (stream.CanSeek && (long)length > stream.Length - 8)) throw Damaged(file, $"its header claims {length} bytes");
        var json = new byte[(int)length];
        if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length) throw Damaged(file, "it ends inside its header");
        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 8 });
            var entries = Parse(document.RootElement, file);
            Check(entries, stream.CanSeek ? stream.Length - 8 - json.Length : null, file);
            return entries;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or OverflowException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{file} is damaged: its header cannot be read ({error.Message}).", error);
        }
    }

    private static List<SafetensorsEntry> Parse(JsonElement root, string file)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == "__metadata__") continue;
            if (!names.Add(property.Name)) throw Damaged(file, $"the tensor {property.Name} is there twice");
            var shape = property.Value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64()).ToArray();
            var offsets = property.Value.GetProperty("data_offsets");
            if (offsets.GetArrayLength() != 2) throw Damaged(file, $"the tensor {property.Name} has {offsets.GetArrayLength()} offsets, not 2");
            entries.Add(new(property.Name, property.Value.GetProperty("dtype").GetString() ?? "", shape, offsets[0].GetInt64(), offsets[1].GetInt64()));
        }
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        return entries;
    }

    private static void Check(List<SafetensorsEntry> entries, long? available, string file)
    {
        long next = 0;
        foreach (var entry in entries)
        {
            if (!Sizes.TryGetValue(entry.Dtype, out int size)) throw Damaged(file, $"the tensor {entry.Name} has the unknown dtype '{entry.Dtype}'");
            if (entry.Shape.Any(n => n < 0) || entry.Begin != next || entry.End - entry.Begin != checked(entry.Count * size))
                throw Damaged(file, $"the tensor {entry.Name} has shape {entry.ShapeText} and bytes {entry.Begin} to {entry.End}, which do not fit together or leave a gap");
            next = entry.End;
        }
        if (available is { } bytes && bytes != next) throw Damaged(file, $"its tensors take {next} bytes and {bytes} are there");
    }

    internal static InvalidDataException Damaged(string file, string why) => new($"{file} is damaged: {why}.");
}
