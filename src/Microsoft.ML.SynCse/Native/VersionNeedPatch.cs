using System.Buffers.Binary;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Loosens one symbol-version requirement of an x86-64 ELF library, in memory.</summary>
/// <remarks>
/// The loader checks that every version a library names exists, used or not; with VER_FLG_WEAK on the entry (gABI, "Symbol
/// Versioning") it does not. That is safe only if no relocation uses a symbol of that version, so a file in which one does is
/// refused, and so is a file with unexpected tables: the image then is unchanged.
/// </remarks>
internal static class VersionNeedPatch
{
    private const uint Rela = 4, Rel = 9, DynamicSymbols = 11, VersionNeed = 0x6ffffffe, VersionSymbols = 0x6fffffff;
    private const int RelaSize = 24, RelSize = 16, SymbolSize = 24;
    private const ushort WeakFlag = 2, HiddenBit = 0x8000;

    /// <summary>Makes the requirement of <paramref name="version"/> weak.</summary>
    /// <returns>Null if the image was patched, else the reason why it was not.</returns>
    public static string? Weaken(byte[] image, string version) => Guard(image, elf =>
    {
        var need = Need(elf, version, out string? refusal);
        if (need is null) return refusal;
        if (Uses(elf, need.Index).Any()) return $"a relocation uses a symbol of {version}";
        SetWeak(image, need);
        return null;
    });

    /// <summary>Binds the one symbol used of <paramref name="version"/> to an older version of itself, then makes the requirement
    /// weak.</summary>
    /// <returns>Null if the image was patched, else the reason why it was not.</returns>
    public static string? Rebind(byte[] image, string symbol, string version, string olderVersion) => Guard(image, elf =>
    {
        var need = Need(elf, version, out string? refusal);
        if (need is null) return refusal;
        if (Needs(elf, olderVersion).Take(2).ToArray() is not [var older]) return $"it has no single requirement named {olderVersion}";
        int[] used = Uses(elf, need.Index).Distinct().ToArray();
        if (used is not [var index] || SymbolName(elf, index) != symbol)
            return $"a relocation uses another symbol of {version} than {symbol}";
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(Versions(elf).Offset + 2 * index), older.Index);
        SetWeak(image, need);
        return null;
    });

    private static string? Guard(byte[] image, Func<ElfImage, string?> patch)
    {
        try
        {
            return ElfImage.Read(image) is { } elf ? patch(elf) : "it is not an x86-64 ELF shared library";
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            return "its ELF tables are damaged";
        }
    }

    private static void SetWeak(byte[] image, Entry need)
        => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(need.FlagsOffset), (ushort)(need.Flags | WeakFlag));

    private static Entry? Need(ElfImage elf, string version, out string? refusal)
    {
        var needs = Needs(elf, version).Take(2).ToArray();
        refusal = needs switch
        {
            [] => $"it has no requirement named {version}",
            [var one] => (one.Flags & WeakFlag) != 0 ? $"its requirement of {version} is weak already" : null,
            _ => $"it has more than one requirement named {version}",
        };
        return refusal is null ? needs[0] : null;
    }

    // Elfxx_Verneed { u16 version, count; u32 file, aux, next }, each with a chain of Elfxx_Vernaux { u32 hash; u16 flags, index; u32 name,
    // next }.
    private static IEnumerable<Entry> Needs(ElfImage elf, string version)
    {
        foreach (var needs in elf.Sections.Where(s => s.Type == VersionNeed))
        {
            int need = needs.Offset;
            for (uint n = 0; n < needs.Info; n++)
            {
                int aux = checked(need + elf.Offset32(need + 8));
                for (int a = 0, count = elf.U16(need + 2); a < count; a++)
                {
                    if (elf.Text(elf.Sections[needs.Link], elf.Offset32(aux + 8)) == version)
                        yield return new(aux + 4, elf.U16(aux + 4), elf.U16(aux + 6));
                    aux = Next(elf, aux + 12, aux, last: a == count - 1);
                }
                need = Next(elf, need + 12, need, last: n == needs.Info - 1);
            }
        }
    }

    // A chain that ends before its count would otherwise be walked in place.
    private static int Next(ElfImage elf, int field, int from, bool last)
    {
        int step = elf.Offset32(field);
        if (step == 0 && !last) throw new OverflowException("a version chain ends early");
        return checked(from + step);
    }

    /// <summary>The dynamic symbols of one version that relocations use, in the order of the relocations.</summary>
    private static IEnumerable<int> Uses(ElfImage elf, ushort versionIndex)
    {
        var versions = Versions(elf);
        foreach (var relocations in elf.Sections.Where(s => s.Type is Rela or Rel && s.Link == versions.Link))
        {
            int size = relocations.Type == Rela ? RelaSize : RelSize;
            if (relocations.Size % size != 0) throw new OverflowException("a table of relocations of another size");
            for (int at = relocations.Offset; at < relocations.Offset + relocations.Size; at += size)
            {
                int symbol = elf.Offset32(at + 12); // the high half of r_info
                if (symbol >= versions.Size / 2) throw new OverflowException("a relocation of an unknown symbol");
                if ((elf.U16(versions.Offset + 2 * symbol) & ~HiddenBit) == versionIndex) yield return symbol;
            }
        }
    }

    private static ElfImage.Section Versions(ElfImage elf)
    {
        var versions = elf.Sections.Where(s => s.Type == VersionSymbols).ToArray();
        return versions.Length == 1 && elf.Sections[versions[0].Link].Type == DynamicSymbols ? versions[0]
            : throw new OverflowException("no single table of symbol versions");
    }

    private static string SymbolName(ElfImage elf, int symbol)
    {
        var symbols = elf.Sections[Versions(elf).Link];
        return elf.Text(elf.Sections[symbols.Link], elf.Offset32(symbols.Offset + SymbolSize * symbol));
    }

    private sealed record Entry(int FlagsOffset, ushort Flags, ushort Index);
}
