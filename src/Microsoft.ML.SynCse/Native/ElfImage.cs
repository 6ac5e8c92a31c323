using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Reads what <see cref="VersionNeedPatch"/> needs of an x86-64 ELF shared library held in memory.</summary>
/// <remarks>Every section must lie inside the image; reading elsewhere outside it throws <see cref="ArgumentOutOfRangeException"/>,
/// <see cref="IndexOutOfRangeException"/> or <see cref="OverflowException"/>.</remarks>
internal sealed class ElfImage
{
    private const int HeaderSize = 64, SectionHeaderSize = 64;
    private const ushort SharedObject = 3, X64 = 62;
    private const uint NoBits = 8;
    private readonly byte[] _image;

    private ElfImage(byte[] image)
    {
        _image = image;
        Sections = ReadSections();
    }

    public IReadOnlyList<Section> Sections { get; }

    /// <summary>Reads the sections of a library; null if the bytes are not an x86-64 shared library.</summary>
    public static ElfImage? Read(byte[] image)
    {
        if (image.Length < HeaderSize || !image.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8)) return null; // 64-bit, little-endian
        bool isLibrary = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(16)) == SharedObject;
        return isLibrary && BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(18)) == X64 ? new(image) : null;
    }

    public ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_image.AsSpan(at));

    public uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan(at));

    public int Offset32(int at) => checked((int)U32(at));

    public int Offset64(int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(_image.AsSpan(at)));

    /// <summary>The zero-terminated string at an offset into a string table.</summary>
    public string Text(Section strings, int offset)
    {
        var rest = _image.AsSpan(strings.Offset, strings.Size)[offset..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private Section[] ReadSections()
    {
        int table = Offset64(0x28), size = U16(0x3A), count = U16(0x3C);
        if (size != SectionHeaderSize) throw new OverflowException("section headers of another size");
        _ = _image.AsSpan(table, count * size);
        var sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            int at = table + i * size;
            var section = new Section(U32(at + 4), Offset64(at + 24), Offset64(at + 32), Offset32(at + 40), U32(at + 44));
            if (section.Type != NoBits) _ = _image.AsSpan(section.Offset, section.Size);
            sections[i] = section;
        }
        return sections;
    }

    internal sealed record Section(uint Type, int Offset, int Size, int Link, uint Info);
}
