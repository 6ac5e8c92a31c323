using System.Buffers.Binary;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The header of a safetensors file: 8 bytes of length, then JSON; checked before anything is allocated from it.</summary>
internal static class SafetensorsHeader
{
    // A model of 90,000 tensors has 9 MB; what is made of a header takes up to four times its size.
    private const int MostBytes = 16 << 20;
    private static readonly Dictionary<string, int> Sizes = new()
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
    /// <returns>The tensors in the order of their bytes; a tensor with a second name (<see cref="SafetensorsHeaderJson.Aliases"/>) is there under both.</returns>
    /// <exception cref="InvalidDataException">The header is damaged; names the file.</exception>
    public static IReadOnlyList<SafetensorsEntry> Read(Stream stream, string file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(file, "it is shorter than a header");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long rest = stream.Length - 8;
        if (length > MostBytes || (long)length > rest) throw Damaged(file, $"its header claims {length} bytes, and {Math.Min(rest, MostBytes)} are possible");
        var json = new byte[(int)length];
        if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length) throw Damaged(file, "it ends inside its header");
        var header = SafetensorsHeaderJson.Read(json, file);
        header.Entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        Check(header.Entries, rest - json.Length, file);
        return WithAliases(header);
    }

    internal static InvalidDataException Damaged(string file, string why, Exception? inner = null) => new($"{file} is damaged: {why}.", inner);

    // The format wants every byte to belong to one tensor: no hole, no overlap, nothing behind the last.
    private static void Check(List<SafetensorsEntry> entries, long available, string file)
    {
        long next = 0;
        foreach (var entry in entries)
        {
            if (!Sizes.TryGetValue(entry.Dtype, out int size)) throw Damaged(file, $"the tensor {entry.ShownName} has the unknown dtype '{ModelFileName.Shown(entry.Dtype)}'");
            if (entry.Begin != next || entry.End < entry.Begin || entry.End > available || Bytes(entry.Shape, size) != entry.End - entry.Begin)
                throw Damaged(file, $"the tensor {entry.ShownName} has shape {entry.ShapeText} and bytes {entry.Begin} to {entry.End} of {available}, which do not fit together, leave a gap or overlap");
            next = entry.End;
        }
        if (available != next) throw Damaged(file, $"its tensors take {next} bytes and {available} are there");
    }

    // Null where no file could be so large.
    private static long? Bytes(long[] shape, int size)
    {
        UInt128 bytes = (UInt128)size;
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
        var aliases = header.Aliases.Where(a => byName.ContainsKey(a.Kept) && !byName.ContainsKey(a.Name)).Select(a => byName[a.Kept] with { Name = a.Name });
        return [.. header.Entries.Concat(aliases).OrderBy(e => (e.Begin, e.End))];
    }
}
