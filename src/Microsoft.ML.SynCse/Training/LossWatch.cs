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

    private readonly Queue<double> _recent = new();
    private double? _first;
    private bool _warned;

    /// <summary>Looks at a step.</summary>
    /// <param name="report">The step.</param>
    /// <param name="columns">How many candidates each row chose between.</param>
    /// <exception cref="DivergedLossException">The losses exploded.</exception>
    public void Look(TrainingProgress report, int columns)
    {
        _recent.Enqueue(report.ContrastiveLoss);
        if (_recent.Count < Span) return;
        if (_recent.Count > Span) _recent.Dequeue();
        double mean = _recent.Average(), chance = Math.Log(columns);
        _first ??= mean;
        if (mean > Explosion * chance && mean > Explosion * _first)
            throw new DivergedLossException(FormattableString.Invariant($"loss exploded: {mean:g4} on average over the last {Span} steps, where chance is {chance:g3},"));
        if (_warned || Math.Abs(mean - chance) > NearChance * chance || _recent.Max() - _recent.Min() > 2 * NearChance * chance) return;
        _warned = true;
        warnings.Collapsed(report.Step, mean, columns);
    }
}
