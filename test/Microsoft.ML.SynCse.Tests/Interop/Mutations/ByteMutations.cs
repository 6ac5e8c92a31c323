namespace Microsoft.ML.SynCse.Tests;

/// <summary>Changes that know nothing of a format: what disks, networks and editors do.</summary>
internal static class ByteMutations
{
    private static readonly string[] _kinds = ["flip", "cut", "insert", "repeat", "swap", "fill"];

    /// <summary>One change; the same for the same draws. None of them is sure to break a rule.</summary>
    public static Mutation Make(byte[] whole, Random random)
    {
        string kind = _kinds[random.Next(_kinds.Length)];
        int at = random.Next(whole.Length), length = random.Next(1, Math.Min(64, whole.Length - at) + 1);
        byte[] changed = kind switch
        {
            "flip" => Flip(whole, random),
            "cut" => whole[..at],
            "insert" => [.. whole[..at], .. RandomBytes(length, random), .. whole[at..]],
            "repeat" => [.. whole[..(at + length)], .. whole[at..]],
            "swap" => Swap(whole, random),
            _ => Fill(whole, at, length, random.Next(2) == 0 ? (byte)0 : (byte)0xFF),
        };
        return new(kind, Structural: false, changed);
    }

    private static byte[] Flip(byte[] whole, Random random)
    {
        byte[] changed = [.. whole];
        for (int i = random.Next(1, 4); i > 0; i--) changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    // Two numbers of 4 or 8 bytes change places.
    private static byte[] Swap(byte[] whole, Random random)
    {
        byte[] changed = [.. whole];
        int size = random.Next(2) == 0 ? 4 : 8;
        if (whole.Length < 2 * size) return changed;
        int one = random.Next(whole.Length - size + 1), other = random.Next(whole.Length - size + 1);
        whole.AsSpan(one, size).CopyTo(changed.AsSpan(other));
        whole.AsSpan(other, size).CopyTo(changed.AsSpan(one));
        return changed;
    }

    private static byte[] Fill(byte[] whole, int at, int length, byte value)
    {
        byte[] changed = [.. whole];
        changed.AsSpan(at, length).Fill(value);
        return changed;
    }

    private static byte[] RandomBytes(int length, Random random)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
