using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// Random numbers (SplitMix64) that depend on nothing but what they are drawn for: not on the time, the thread or what was drawn before.
/// </summary>
internal sealed class StableRandom(ulong state)
{
    /// <summary>The numbers of some texts; their borders count.</summary>
    public static StableRandom For(params ReadOnlySpan<string> texts)
    {
        ulong state = 0;
        foreach (string text in texts) state = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()), (long)state + 1);
        return new(state);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below a limit.</summary>
    public int Next(int limit) => (int)(NextBits() % (uint)limit);

    /// <summary>A number from 0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1ul << 53));

    /// <summary>One of several.</summary>
    public T Pick<T>(ReadOnlySpan<T> items) => items[Next(items.Length)];
}
