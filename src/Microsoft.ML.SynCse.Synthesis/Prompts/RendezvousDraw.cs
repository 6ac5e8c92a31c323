using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>Draws from named things so that each draw depends on seed and key alone, and a thing added or taken away moves only its own share of the draws.</summary>
/// <remarks>Rendezvous (highest random weight) hashing: Thaler and Ravishankar, 1998. Each thing gets a weight from (seed, key, its name); the heaviest are drawn.</remarks>
internal sealed class RendezvousDraw
{
    private readonly long[] _names;

    /// <param name="names">The names, all different.</param>
    public RendezvousDraw(IEnumerable<string> names) => _names = [.. names.Select(name => SeedMixer.Mix(0, name))];

    /// <summary>The places of the things drawn, heaviest first.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="key">What is drawn for.</param>
    /// <param name="count">How many; fewer where there are not so many.</param>
    public int[] Draw(int seed, long key, int count)
    {
        if (count == 1 && _names.Length > 0) return [Heaviest(seed, key)];
        return [.. Enumerable.Range(0, _names.Length).OrderByDescending(i => SeedMixer.Mix(seed, key, _names[i])).Take(count)];
    }

    private int Heaviest(int seed, long key)
    {
        int best = 0;
        long weight = -1;
        for (int i = 0; i < _names.Length; i++)
        {
            long other = SeedMixer.Mix(seed, key, _names[i]);
            if (other > weight) (best, weight) = (i, other);
        }
        return best;
    }
}
