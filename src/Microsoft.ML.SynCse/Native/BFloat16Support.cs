using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Whether a device computes in bfloat16 faster than in float32.</summary>
internal static class BFloat16Support
{
    // CPUID leaf 7: sub-leaf 0 says AMX-BF16 in EDX, sub-leaf 1 AVX512-BF16 in EAX.
    private const int Leaf = 7, AmxBit = 22, Avx512Bit = 5;

    /// <summary>Whether this process's CPU has AVX512-BF16 or AMX-BF16.</summary>
    public static bool OfCpu { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Leaf
        && (Has(X86Base.CpuId(Leaf, 0).Edx, AmxBit) || (X86Base.CpuId(Leaf, 0).Eax >= 1 && Has(X86Base.CpuId(Leaf, 1).Eax, Avx512Bit)));

    /// <summary>Throws where bfloat16 would be slower than float32.</summary>
    /// <param name="option">Which option asks for it.</param>
    /// <param name="device">Where it is to be computed.</param>
    /// <exception cref="NotSupportedException">The CPU has no instructions for it.</exception>
    public static void Require(string option, torch.Device device)
    {
        if (device.type == DeviceType.CPU && !OfCpu)
            throw new NotSupportedException($"{option} is BFloat16, but this CPU has neither AVX512-BF16 nor AMX-BF16 and would be slower in it: use Float32.");
    }

    private static bool Has(int register, int bit) => (register >> bit & 1) != 0;
}
