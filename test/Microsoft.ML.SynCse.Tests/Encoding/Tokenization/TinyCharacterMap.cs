using System.Buffers.Binary;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A precompiled_charsmap of two rules, made by hand: 'a' becomes "bc", and 'a' with U+0301 behind it becomes "d".</summary>
internal static class TinyCharacterMap
{
    // Far apart, so that no two nodes want one place.
    private const uint RootDistance = 0x100, FirstDistance = 0x200, SecondDistance = 0x400, ThirdDistance = 0x800;

    public static byte[] Bytes(uint firstValue = 0, string replacements = "bc\0d\0")
    {
        uint[] units = new uint[0x1000];
        units[0] = RootDistance << 10;
        uint a = RootDistance ^ 'a';
        units[a] = 'a' | 0x100u | (FirstDistance << 10);
        units[a ^ FirstDistance] = 0x8000_0000 | firstValue;
        uint accent = a ^ FirstDistance ^ 0xCC;
        units[accent] = 0xCC | (SecondDistance << 10);
        uint end = accent ^ SecondDistance ^ 0x81;
        units[end] = 0x81 | 0x100u | (ThirdDistance << 10);
        units[end ^ ThirdDistance] = 0x8000_0000 | 3;

        byte[] bytes = new byte[4 + units.Length * 4 + replacements.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, units.Length * 4);
        for (int i = 0; i < units.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + i * 4), units[i]);
        System.Text.Encoding.Latin1.GetBytes(replacements).CopyTo(bytes, 4 + units.Length * 4);
        return bytes;
    }

    public static string Normalizer(uint firstValue = 0, string replacements = "bc\0d\0") =>
        $$"""{"type": "Precompiled", "precompiled_charsmap": "{{Convert.ToBase64String(Bytes(firstValue, replacements))}}"}""";
}
