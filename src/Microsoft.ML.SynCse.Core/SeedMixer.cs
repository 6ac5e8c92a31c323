using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.SynCse.Core;

/// <summary>Numbers that depend on a seed and a key alone, never on what was drawn before.</summary>
internal static class SeedMixer
{
    /// <summary>A 63-bit number from a seed and whole numbers (SplitMix64's finalizer; Steele, Lea and Flood, 2014).</summary>
    public static long Mix(int seed, params ReadOnlySpan<long> key)
    {
        ulong state = Scramble((ulong)(uint)seed);
        foreach (long part in key) state = Scramble(state ^ (ulong)part);
        return (long)(state >> 1);
    }

    /// <summary>A 63-bit number from a seed and a text.</summary>
    public static long Mix(int seed, string key)
        => Mix(seed, BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))));

    private static ulong Scramble(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
