using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Whether a device has bfloat16, and whether that is faster than float32.</summary>
/// <remarks>
/// Having it is not enough: on an Intel Xeon (Emerald Rapids) whose AMX the virtual machine hides, a core starts 5.5 billion float32
/// multiply-adds of 16 numbers a second and 1.35 billion of AVX512-BF16's of 32 pairs, so that a bfloat16 product takes twice as long. On
/// an AMD EPYC it takes a third of the time.
/// </remarks>
internal static class BFloat16Support
{
    // CPUID leaf 7: sub-leaf 0 says AMX-BF16 in EDX, sub-leaf 1 AVX512-BF16 in EAX.
    private const int Leaf = 7, AmxBit = 22, Avx512Bit = 5;

    /// <summary>What a message says of a CPU without it.</summary>
    public const string Lack = "this CPU has neither AVX512-BF16 nor AMX-BF16";

    private static readonly bool CpuHasIt = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Leaf
        && (Has(X86Base.CpuId(Leaf, 0).Edx, AmxBit) || (X86Base.CpuId(Leaf, 0).Eax >= 1 && Has(X86Base.CpuId(Leaf, 1).Eax, Avx512Bit)));

    /// <summary>Another answer of <see cref="OfCpu"/> for what the current test calls: no machine both has and lacks it.</summary>
    internal static AsyncLocal<bool?> Pretended { get; } = new();

    /// <summary>Whether this process's CPU has AVX512-BF16 or AMX-BF16.</summary>
    public static bool OfCpu => Pretended.Value ?? CpuHasIt;

    private static readonly Lazy<double> Measured = new(() => Seconds(torch.ScalarType.Float32) / Seconds(torch.ScalarType.BFloat16));

    /// <summary>How many times as fast as in float32 this CPU multiplies matrices in bfloat16; measured at the first look, in less than a
    /// tenth of a second.</summary>
    public static double GainOfCpu => Measured.Value;

    /// <summary>Whether a device has it: every GPU that libtorch supports, and some CPUs.</summary>
    public static bool IsOn(torch.Device device) => device.type != DeviceType.CPU || OfCpu;

    /// <summary>Throws where there is no bfloat16.</summary>
    /// <param name="option">Which option asks for it.</param>
    /// <param name="device">Where it is to be computed.</param>
    /// <exception cref="NotSupportedException">The CPU has no instructions for it.</exception>
    public static void Require(string option, torch.Device device)
    {
        if (!IsOn(device)) throw new NotSupportedException($"{option} is BFloat16, but {Lack} and would be slower in it: use Float32.");
    }

    // The best of a few: the first ones warm up, and other work may come between.
    private static double Seconds(torch.ScalarType type)
    {
        const int size = 512, times = 8;
        using var inference = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        var matrix = torch.full([size, size], 0.5, type);
        return Enumerable.Range(0, times).Min(_ =>
        {
            long started = Stopwatch.GetTimestamp();
            matrix.matmul(matrix).Dispose();
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        });
    }

    private static bool Has(int register, int bit) => (register >> bit & 1) != 0;
}
