namespace Microsoft.ML.SynCse.Training;

/// <summary>Looks at a run's losses: one that explodes ends the run, one that stays at chance is told of.</summary>
internal sealed class LossWatch(TrainingWarnings warnings)
{
    // So many steps' losses are one figure: a single batch may be hard by chance.
    private const int Span = 20;

    // What a run that is shorter has to show.
    private const int LeastSpan = 5;

    // A loss so many times what it was at the beginning is not learning any more.
    private const double Explosion = 3;

    // So near to chance, the columns are all alike to the encoder; a high temperature makes every loss that near, so its vectors must be alike too.
    private const double NearChance = 0.01, Alike = 0.98;

    private readonly Queue<TrainingProgress> _recent = new();
    private (double Contrastive, double Language)? _first;
    private bool _warned;

    /// <summary>Looks at a step.</summary>
    /// <param name="report">The step; where its chance is 0 there was nothing to learn, and it is not looked at.</param>
    /// <exception cref="DivergedLossException">The losses exploded.</exception>
    public void Look(TrainingProgress report)
    {
        if (report.ChanceLoss <= 0) return;
        _recent.Enqueue(report);
        if (_recent.Count < Span) return;
        if (_recent.Count > Span) _recent.Dequeue();
        // As multiples of their steps' chance: batches differ in size.
        var (contrastive, language) = (_recent.Average(Relative), _recent.Average(step => step.MlmLoss));
        var first = _first ??= (contrastive, language);
        if (contrastive > Explosion && contrastive > Explosion * first.Contrastive)
            throw new DivergedLossException(FormattableString.Invariant($"loss exploded: {contrastive:g4} times that of chance on average over the last {Span} steps"), weightsAreFinite: false);
        if (language > Explosion * first.Language)
            throw new DivergedLossException(FormattableString.Invariant($"masked-language-model loss exploded: {language:g4} on average over the last {Span} steps, {first.Language:g4} over the first"), weightsAreFinite: false);
        WarnWhereCollapsed();
    }

    /// <summary>The run is over: what a short one shows is said now.</summary>
    public void End()
    {
        if (_recent.Count is < LeastSpan or >= Span) return;
        while (_recent.Count > LeastSpan) _recent.Dequeue();                                            // its first steps may have had something to tell apart
        WarnWhereCollapsed();
    }

    private static double Relative(TrainingProgress step) => step.ContrastiveLoss / step.ChanceLoss;

    private void WarnWhereCollapsed()
    {
        if (_warned || _recent.Any(step => step.MeanCosine < Alike) || Math.Abs(_recent.Average(Relative) - 1) > NearChance || _recent.Max(Relative) - _recent.Min(Relative) > 2 * NearChance) return;
        _warned = true;
        var last = _recent.Last();
        warnings.Collapsed(last.Step, _recent.Average(step => step.ContrastiveLoss), (int)Math.Round(Math.Exp(last.ChanceLoss)));
    }
}
