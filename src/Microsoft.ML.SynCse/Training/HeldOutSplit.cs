using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Holds rows out for evaluation, by anchor: rows of one anchor are never on both sides.</summary>
internal static class HeldOutSplit
{
    /// <summary>The largest number of rows held out: more make an evaluation slower and hardly more certain.</summary>
    public const int MaxRows = 2000;

    // A figure over one row says nothing, and a row alone has no negatives.
    private const int FewestRows = 2;

    /// <summary>Splits the rows of a run. Nothing is held out if an evaluator scores instead, or if the rows are anchors alone.</summary>
    public static (IReadOnlyList<TrainingExample> Train, IReadOnlyList<TrainingExample> HeldOut) Split(
        TrainingSet set, ContrastiveTrainingOptions options)
    {
        bool splits = options.Evaluator is null && set.Mode != TrainingMode.Unsupervised && options.ValidationFraction > 0;
        return splits ? Split(set.Rows, options.ValidationFraction, options.Seed) : (set.Rows, []);
    }

    /// <summary>Splits rows. The side of a row depends on the seed, its anchor and the other rows, not on its place.</summary>
    /// <returns>Rows to train on and rows held out, each in input order; none are held out if a side would have fewer than two
    /// rows.</returns>
    public static (IReadOnlyList<TrainingExample> Train, IReadOnlyList<TrainingExample> HeldOut) Split(
        IReadOnlyList<TrainingExample> rows, double fraction, int seed)
    {
        var anchors = Anchors(rows, seed);
        int wanted = Wanted(fraction, anchors.Length), count = 0;
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var anchor in anchors.Take(wanted))
        {
            if (count + anchor.Rows > MaxRows) continue;
            chosen.Add(anchor.Key);
            count += anchor.Rows;
        }
        if (count < FewestRows || rows.Count - count < FewestRows) return (rows, []);
        var sides = rows.ToLookup(row => chosen.Contains(SentenceKey.Of(row.Anchor)));
        return ([.. sides[false]], [.. sides[true]]);
    }

    /// <summary>
    /// Advice for a run that holds nothing out: a <see cref="ContrastiveTrainingOptions.ValidationFraction"/> that would, and with how many
    /// rows.
    /// </summary>
    public static string WhatWould(IReadOnlyList<TrainingExample> rows, ContrastiveTrainingOptions options)
    {
        var anchors = Anchors(rows, options.Seed);
        double fraction = options.ValidationFraction;
        var least = Least(anchors, rows.Count);
        if (fraction == 0)
        {
            string hint = least is { } some
                ? FormattableString.Invariant($" ({some.Fraction:0.##} would hold out {some.Rows} of {rows.Count})") : "";
            return $"Raise ValidationFraction{hint} or give an Evaluator.";
        }
        return FormattableString.Invariant($"ValidationFraction {fraction} of {rows.Count} examples ")
            + $"with {anchors.Length} distinct anchors holds out none, "
            + $"since at least {FewestRows} must be held out and {FewestRows} be left: "
            + (least is { } enough ? FormattableString.Invariant($"{enough.Fraction:0.##} would hold out {enough.Rows}, ") : "")
            + FormattableString.Invariant($"{Enough(fraction):0} examples with anchors of their own would do with {fraction}")
            + "; or give an Evaluator.";
    }

    /// <summary>The smallest fraction, in hundredths, that holds rows out, and their number; null if none does.</summary>
    private static (double Fraction, int Rows)? Least((string Key, int Rows, long Draw)[] anchors, int rows)
    {
        for (int percent = 1; percent < 100; percent++)
        {
            int count = 0;
            foreach (var anchor in anchors.Take(Wanted(percent / 100.0, anchors.Length)))
                if (count + anchor.Rows <= MaxRows) count += anchor.Rows;
            if (count >= FewestRows && rows - count >= FewestRows) return (percent / 100.0, count);
        }
        return null;
    }

    /// <summary>The smallest number of rows, each with its own anchor, that a fraction splits into at least two on each side.</summary>
    private static double Enough(double fraction)
    {
        // Numbers are rounded, so two begin at one and a half, up to the precision of a double.
        double begins = FewestRows - 0.5,
            rows = Math.Max(2 * FewestRows, Math.Ceiling(Math.Max(begins / fraction, begins / (1 - fraction))));
        bool Suffices(double held) => held >= FewestRows && rows - held >= FewestRows;
        while (rows < 1e12 && !Suffices(Math.Round(fraction * rows, MidpointRounding.AwayFromZero))) rows++;
        return rows;
    }

    private static int Wanted(double fraction, int anchors) => (int)Math.Round(fraction * anchors, MidpointRounding.AwayFromZero);

    private static (string Key, int Rows, long Draw)[] Anchors(IReadOnlyList<TrainingExample> rows, int seed)
        => [.. rows.GroupBy(row => SentenceKey.Of(row.Anchor), StringComparer.Ordinal)
            .Select(g => (g.Key, Rows: g.Count(), Draw: SeedMixer.Mix(seed, g.Key)))
            .OrderBy(a => a.Draw).ThenBy(a => a.Key, StringComparer.Ordinal)];
}
