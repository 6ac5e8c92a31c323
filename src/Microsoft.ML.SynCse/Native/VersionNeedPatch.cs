using System.Buffers.Binary;

namespace Microsoft.ML.SynCse;

/// <summary>Marks one symbol-version requirement of a 64-bit little-endian ELF library as weak, in memory.</summary>
/// <remarks>
/// TorchSharp 0.107's libLibTorchSharp.so names GLIBCXX_3.4.32 only for a symbol that no relocation refers to: the loader
/// checks that the version exists and nobody ever looks the symbol up. With VER_FLG_WEAK on that entry (gABI, "Symbol
/// Versioning") it does not insist. A file in which a relocation does use a symbol of that version is refused.
/// </remarks>
internal static class VersionNeedPatch
{
    private const uint SectionRela = 4, SectionRel = 9, SectionDynamicSymbols = 11, SectionVersionNeed = 0x6ffffffe, SectionVersionSymbols = 0x6fffffff;
    private const ushort WeakFlag = 2;

    /// <summary>Sets the weak flag on the entry named <paramref name="version"/>.</summary>
    /// <returns>Null where the image was patched, else why it was not (the image is then unchanged).</returns>
    public static string? Apply(byte[] image, string version)
    {
        try
        {
            return Patch(image, version);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            return "its ELF tables point outside the file";
        }
    }

    private static string? Patch(byte[] image, string version)
    {
        if (image.Length < 64 || !image.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8)) return "it is not a 64-bit little-endian ELF file";
        var sections = ReadSections(image);
        if (FindEntry(image, sections, version) is not { } entry) return $"it has no single requirement named {version}";
        if (UsesVersion(image, sections, entry.Index)) return $"a relocation uses a symbol of {version}";
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(entry.FlagsOffset), (ushort)(entry.Flags | WeakFlag));
        return null;
    }

    private static Section[] ReadSections(byte[] image)
    {
        int table = checked((int)U64(image, 0x28));
        int size = U16(image, 0x3A), count = U16(image, 0x3C);
        var sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            int at = table + i * size;
            sections[i] = new(U32(image, at + 4), checked((int)U64(image, at + 24)), checked((int)U64(image, at + 32)), (int)U32(image, at + 40), U32(image, at + 44));
        }
        return sections;
    }

    private static Entry? FindEntry(byte[] image, Section[] sections, string version)
    {
        Entry? found = null;
        foreach (var need in sections.Where(s => s.Type == SectionVersionNeed))
        {
            int strings = sections[need.Link].Offset;
            int file = need.Offset;
            for (uint f = 0; f < need.Info; f++)
            {
                int aux = file + checked((int)U32(image, file + 8));
                for (int a = 0; a < U16(image, file + 2); a++)
                {
                    if (Name(image, strings + checked((int)U32(image, aux + 8))) == version)
                    {
                        if (found is not null) return null;
                        found = new(aux + 4, U16(image, aux + 4), U16(image, aux + 6));
                    }
                    aux += checked((int)U32(image, aux + 12));
                }
                file += checked((int)U32(image, file + 12));
            }
        }
        return found;
    }

    private static bool UsesVersion(byte[] image, Section[] sections, ushort versionIndex)
    {
        var versions = sections.SingleOrDefault(s => s.Type == SectionVersionSymbols);
        if (versions is null) return true;
        foreach (var relocations in sections.Where(s => s.Type is SectionRela or SectionRel && sections[s.Link].Type == SectionDynamicSymbols))
        {
            int size = relocations.Type == SectionRela ? 24 : 16;
            for (int at = relocations.Offset; at + size <= relocations.Offset + relocations.Size; at += size)
            {
                int symbol = checked((int)(U64(image, at + 8) >> 32));
                if (symbol != 0 && (U16(image, versions.Offset + 2 * symbol) & 0x7fff) == versionIndex) return true;
            }
        }
        return false;
    }

    private static string Name(byte[] image, int start) => System.Text.Encoding.ASCII.GetString(image, start, Array.IndexOf(image, (byte)0, start) - start);

    private static ushort U16(byte[] image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(at));

    private static uint U32(byte[] image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(at));

    private static ulong U64(byte[] image, int at) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(at));

    private sealed record Section(uint Type, int Offset, int Size, int Link, uint Info);

    private sealed record Entry(int FlagsOffset, ushort Flags, ushort Index);
}
