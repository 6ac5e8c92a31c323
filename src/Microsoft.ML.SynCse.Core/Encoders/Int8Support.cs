using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Whether the processor adds products of uint8 and int8 exactly.</summary>
/// <remarks>Intel's and AMD's processors with VNNI instructions, and Arm's, add them in 32 bits. Others add two of them in 16 bits, where
/// 2 x 255 x 127 does not fit and is cut off.</remarks>
internal static class Int8Support
{
    /// <summary>Whether it does.</summary>
    public static bool IsExact { get; } = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm || HasVnni();

    /// <summary>The instructions in words, for a person.</summary>
    public static string Name { get; } = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? "Arm"
        : HasAvx512Vnni() ? "AVX512-VNNI" : HasAvxVnni() ? "AVX-VNNI" : "none";

    private static bool HasVnni() => HasAvxVnni() || HasAvx512Vnni();

    // Leaf 7, subleaf 1, EAX bit 4, and leaf 7, subleaf 0, ECX bit 11. That the system saves the wide registers is part of what .NET asks
    // for AVX2 and AVX512.
    private static bool HasAvxVnni() => Avx2.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0;

    private static bool HasAvx512Vnni() => Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;
}
