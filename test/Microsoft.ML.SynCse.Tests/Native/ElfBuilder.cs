using System.Buffers.Binary;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A small x86-64 shared library image: symbols with versions, the version requirements of one file, and relocations.</summary>
internal sealed class ElfBuilder
{
    private const int SectionCount = 6, HeaderSize = 64, SectionSize = 64, NeedSize = 16, SymbolSize = 24, RelocationSize = 24;
    private readonly List<(string Name, ushort Index, ushort Flags)> _versions = [];
    private readonly List<(string Name, ushort Version)> _symbols = [("", 0)];
    private readonly List<int> _relocated = [];

    /// <summary>Where the version table of the symbols, the first version requirement and the relocations begin, in the image built
    /// last.</summary>
    public int VersionsAt { get; private set; }

    public int NeedAt { get; private set; }

    public ElfBuilder Version(string name, ushort index, ushort flags = 0)
    {
        _versions.Add((name, index, flags));
        return this;
    }

    public ElfBuilder Symbol(string name, ushort version, bool relocated)
    {
        if (relocated) _relocated.Add(_symbols.Count);
        _symbols.Add((name, version));
        return this;
    }

    public byte[] Build()
    {
        var strings = new StringTable();
        int need = NeedSize * (1 + _versions.Count);
        int symbolsAt = HeaderSize, versionsAt = symbolsAt + SymbolSize * _symbols.Count, needAt = versionsAt + 2 * _symbols.Count,
            relocationsAt = needAt + need;
        int stringsAt = relocationsAt + RelocationSize * _relocated.Count;
        (VersionsAt, NeedAt) = (versionsAt, needAt);
        byte[] image = new byte[stringsAt + 1024 + SectionCount * SectionSize];
        for (int i = 0; i < _symbols.Count; i++)
        {
            U32(image, symbolsAt + SymbolSize * i, strings.Add(_symbols[i].Name));
            U16(image, versionsAt + 2 * i, _symbols[i].Version);
        }
        U16(image, needAt, 1);
        U16(image, needAt + 2, _versions.Count);
        U32(image, needAt + 4, strings.Add("libstdc++.so.6"));
        U32(image, needAt + 8, NeedSize);
        for (int i = 0; i < _versions.Count; i++)
        {
            int aux = needAt + NeedSize * (1 + i);
            U16(image, aux + 4, _versions[i].Flags);
            U16(image, aux + 6, _versions[i].Index);
            U32(image, aux + 8, strings.Add(_versions[i].Name));
            U32(image, aux + 12, i == _versions.Count - 1 ? 0 : NeedSize);
        }
        for (int i = 0; i < _relocated.Count; i++) U32(image, relocationsAt + RelocationSize * i + 12, _relocated[i]);
        strings.Bytes.CopyTo(image.AsSpan(stringsAt));

        int table = stringsAt + 1024;
        "\u007fELF\u0002\u0001"u8.CopyTo(image);
        U16(image, 16, 3); // ET_DYN
        U16(image, 18, 62); // EM_X86_64
        U32(image, 0x28, table);
        U16(image, 0x3A, SectionSize);
        U16(image, 0x3C, SectionCount);
        Section(image, table, 1, 3, stringsAt, strings.Bytes.Length, 0, 0); // .dynstr
        Section(image, table, 2, 11, symbolsAt, SymbolSize * _symbols.Count, 1, 0); // .dynsym
        Section(image, table, 3, 0x6fffffff, versionsAt, 2 * _symbols.Count, 2, 0); // .gnu.version
        Section(image, table, 4, 0x6ffffffe, needAt, need, 1, 1); // .gnu.version_r
        Section(image, table, 5, 4, relocationsAt, RelocationSize * _relocated.Count, 2, 0); // .rela.dyn
        return image;
    }

    private static void Section(byte[] image, int table, int index, uint type, int offset, int size, int link, int info)
    {
        int at = table + index * SectionSize;
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at + 4), type);
        U32(image, at + 24, offset);
        U32(image, at + 32, size);
        U32(image, at + 40, link);
        U32(image, at + 44, info);
    }

    private static void U16(byte[] image, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), (ushort)value);

    private static void U32(byte[] image, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at), value);

    private sealed class StringTable
    {
        private readonly List<byte> _bytes = [0];

        public byte[] Bytes => [.. _bytes];

        public int Add(string text)
        {
            if (text.Length == 0) return 0;
            int at = _bytes.Count;
            _bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(text));
            _bytes.Add(0);
            return at;
        }
    }
}
