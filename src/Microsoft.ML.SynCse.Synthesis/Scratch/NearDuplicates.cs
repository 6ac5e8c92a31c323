using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Scratch;

/// <summary>
/// Knows sentences that are equal or nearly so: MinHash over 4-letter shingles with banded locality-sensitive hashing (Broder 1997;
/// Leskovec, Rajaraman and Ullman, chapter 3).
/// </summary>
/// <remarks>
/// 48 hashes in 12 bands of 4: pairs with a Jaccard similarity of 0.7 meet with a probability of 0.96, of 0.5 with 0.54, of 0.3 with 0.09;
/// whether they count is then judged by the share of equal hashes. About 500 bytes a sentence.
/// </remarks>
internal sealed class NearDuplicates(double similarity)
{
    private const int Hashes = 48, Rows = 4, Shingle = 4;

    private readonly Dictionary<ulong, int> _bands = [];
    private readonly List<ushort[]> _signatures = [];
    private readonly HashSet<UInt128> _exact = [];

    /// <summary>Adds a sentence; false if one like it is there already.</summary>
    public bool Add(string sentence)
    {
        string text = Letters(sentence);
        if (!_exact.Add(XxHash128.HashToUInt128(MemoryMarshal.AsBytes(text.AsSpan())))) return false;
        if (similarity >= 1) return true;
        Span<uint> minima = stackalloc uint[Hashes];
        Minima(text, minima);
        ushort[] signature = new ushort[Hashes];
        for (int i = 0; i < Hashes; i++) signature[i] = (ushort)(minima[i] >> 16);
        Span<ulong> bands = stackalloc ulong[Hashes / Rows];
        for (int band = 0; band < bands.Length; band++)
        {
            bands[band] = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(minima.Slice(band * Rows, Rows)), band);
            if (_bands.TryGetValue(bands[band], out int other) && Share(signature, _signatures[other]) >= similarity) return false;
        }
        foreach (ulong band in bands) _bands.TryAdd(band, _signatures.Count);
        _signatures.Add(signature);
        return true;
    }

    // Letter case, punctuation and spacing make no other sentence.
    private static string Letters(string sentence)
    {
        var text = new StringBuilder(sentence.Length);
        foreach (char c in sentence)
        {
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c)) text.Append(char.ToLowerInvariant(c));
            else if (text.Length > 0 && text[^1] != ' ') text.Append(' ');
        }
        return text.ToString().TrimEnd();
    }

    private static void Minima(string text, Span<uint> minima)
    {
        minima.Fill(uint.MaxValue);
        int last = Math.Max(0, text.Length - Shingle);
        for (int start = 0; start <= last; start++)
        {
            var shingle = text.AsSpan(start, Math.Min(Shingle, text.Length - start));
            ulong hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(shingle));
            uint low = (uint)hash, high = (uint)(hash >> 32) | 1;
            // Double hashing stands in for independent hash functions (Kirsch and Mitzenmacher, 2006); the last step spreads their low
            // bits.
            for (int i = 0; i < Hashes; i++)
            {
                uint value = BitOperations.RotateLeft(low + (uint)i * high, i) * 0x9E3779B1;
                if (value < minima[i]) minima[i] = value;
            }
        }
    }

    private static double Share(ushort[] a, ushort[] b)
    {
        int same = 0;
        for (int i = 0; i < Hashes; i++)
        {
            if (a[i] == b[i]) same++;
        }
        return (double)same / Hashes;
    }
}
