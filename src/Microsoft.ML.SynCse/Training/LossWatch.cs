namespace Microsoft.ML.SynCse;

/// <summary>Looks at a run's losses: one that explodes ends the run, one that stays at chance is told of.</summary>
internal sealed class LossWatch(TrainingWarnings warnings)
{
    // So many steps' losses are one figure: a single batch may be hard by chance.
    private const int Span = 20;

    // A loss so many times the chance level's is not learning any more.
    private const double Explosion = 5;

    // So near to chance, the columns are all alike to the encoder.
    private const double NearChance = 0.01;

    // Losses as multiples of their steps' chance: batches differ in size.
    private readonly Queue<double> _recent = new();
    private double? _first;
    private bool _warned;

    /// <summary>Looks at a step.</summary>
    /// <param name="report">The step.</param>
    /// <param name="candidates">How many candidates each row chose between.</param>
    /// <param name="chance">The loss of an encoder that tells none from another; steps where it is 0 have nothing to learn and are not looked at.</param>
    /// <exception cref="DivergedLossException">The losses exploded.</exception>
    public void Look(TrainingProgress report, int candidates, double chance)
    {
        if (chance <= 0) return;
        _recent.Enqueue(report.ContrastiveLoss / chance);
        if (_recent.Count < Span) return;
        if (_recent.Count > Span) _recent.Dequeue();
        double mean = _recent.Average();
        _first ??= mean;
        if (mean > Explosion && mean > Explosion * _first)
            throw new DivergedLossException(FormattableString.Invariant($"loss exploded: {mean:g4} times that of chance on average over the last {Span} steps"), weightsAreFinite: false);
        if (_warned || Math.Abs(mean - 1) > NearChance || _recent.Max() - _recent.Min() > 2 * NearChance) return;
        _warned = true;
        warnings.Collapsed(report.Step, mean * chance, candidates);
    }
}
