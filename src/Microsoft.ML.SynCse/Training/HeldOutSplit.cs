namespace Microsoft.ML.SynCse;

/// <summary>Sets rows apart as evidence, by anchor: rows of one anchor are never on both sides.</summary>
internal static class HeldOutSplit
{
    /// <summary>More rows than this make an evaluation slower and hardly more certain.</summary>
    public const int MaxRows = 2000;

    /// <summary>Splits the rows; a row's side depends on the seed, its anchor and the set, not on its place.</summary>
    /// <returns>Rows to train on and rows held out, each in input order; nothing is held out where fewer than two rows would stay on a side.</returns>
    public static (IReadOnlyList<TrainingExample> Train, IReadOnlyList<TrainingExample> HeldOut) Split(IReadOnlyList<TrainingExample> rows, double fraction, int seed)
    {
        var anchors = rows.GroupBy(row => SentenceKey.Of(row.Anchor), StringComparer.Ordinal).Select(g => (g.Key, Rows: g.Count(), Draw: SeedMixer.Mix(seed, g.Key)))
            .OrderBy(a => a.Draw).ThenBy(a => a.Key, StringComparer.Ordinal).ToArray();
        int wanted = (int)Math.Round(fraction * anchors.Length, MidpointRounding.AwayFromZero), count = 0;
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var anchor in anchors.Take(wanted))
        {
            if (count + anchor.Rows > MaxRows) continue;
            chosen.Add(anchor.Key);
            count += anchor.Rows;
        }
        if (count < 2 || rows.Count - count < 2) return (rows, []);
        var sides = rows.ToLookup(row => chosen.Contains(SentenceKey.Of(row.Anchor)));
        return ([.. sides[false]], [.. sides[true]]);
    }
}
