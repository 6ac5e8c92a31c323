using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Whether a device has bfloat16, and whether that is faster than float32.</summary>
/// <remarks>
/// A CPU with AVX512-BF16 is not always faster in it: some Intel processors start only a quarter as many of its instructions as of
/// float32's, so that a product takes twice as long. With AMX, and on AMD processors, a product takes about a third of the time.
/// </remarks>
internal static class BFloat16Support
{
    // CPUID leaf 7: sub-leaf 0 says AMX-BF16 in EDX, sub-leaf 1 AVX512-BF16 in EAX.
    private const int Leaf = 7, AmxBit = 22, Avx512Bit = 5;

    /// <summary>The part of a message about a CPU without it.</summary>
    public const string Lack = "this CPU has neither AVX512-BF16 nor AMX-BF16";

    private static readonly bool _cpuHasIt = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Leaf
        && (Has(X86Base.CpuId(Leaf, 0).Edx, AmxBit) || (X86Base.CpuId(Leaf, 0).Eax >= 1 && Has(X86Base.CpuId(Leaf, 1).Eax, Avx512Bit)));

    /// <summary>For tests: replaces the answer of <see cref="OfCpu"/> in the current asynchronous context.</summary>
    internal static AsyncLocal<bool?> Pretended { get; } = new();

    /// <summary>Whether this process's CPU has AVX512-BF16 or AMX-BF16.</summary>
    public static bool OfCpu => Pretended.Value ?? _cpuHasIt;

    private static readonly Lazy<double> _measured = new(() => Seconds(torch.ScalarType.Float32) / Seconds(torch.ScalarType.BFloat16));

    /// <summary>How many times as fast as in float32 this CPU multiplies matrices in bfloat16. Measured at the first call, in less than a
    /// tenth of a second.</summary>
    public static double GainOfCpu => _measured.Value;

    /// <summary>Whether a device has it: every GPU that libtorch supports, and some CPUs.</summary>
    public static bool IsOn(torch.Device device) => device.type != DeviceType.CPU || OfCpu;

    /// <summary>Throws if the device has no bfloat16.</summary>
    /// <param name="option">The option that needs it, for the message.</param>
    /// <param name="device">The device.</param>
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
