namespace Microsoft.ML.SynCse.Training;

/// <summary>Watches the losses of a run: losses that explode end it, losses that stay at chance give a warning.</summary>
internal sealed class LossWatch(TrainingWarnings warnings)
{
    // The losses of so many steps are averaged, because a single batch may be hard by chance.
    private const int Span = 20;

    // The smallest number of steps of a shorter run.
    private const int LeastSpan = 5;

    // A loss that is so many times the loss of the beginning no longer learns.
    private const double Explosion = 3;

    // If the loss is so near to chance, all columns are alike to the encoder. With a high temperature every loss is that near, so its
    // vectors must be alike too.
    private const double NearChance = 0.01, Alike = 0.98;

    private readonly Queue<TrainingProgress> _recent = new();
    private (double Contrastive, double Language)? _first;
    private bool _warned;

    /// <summary>Looks at a step.</summary>
    /// <param name="report">The step; it is not looked at if its chance loss is 0, because then there was nothing to learn.</param>
    /// <exception cref="DivergedLossException">The losses exploded.</exception>
    public void Look(TrainingProgress report)
    {
        if (report.ChanceLoss <= 0) return;
        _recent.Enqueue(report);
        if (_recent.Count < Span) return;
        if (_recent.Count > Span) _recent.Dequeue();
        // As multiples of the chance loss of their steps: batches differ in size.
        var (contrastive, language) = (_recent.Average(Relative), _recent.Average(step => step.MlmLoss));
        var first = _first ??= (contrastive, language);
        if (contrastive > Explosion && contrastive > Explosion * first.Contrastive)
            throw Exploded(FormattableString.Invariant($"loss exploded: {contrastive:g4} times that of chance"), "");
        if (language > Explosion * first.Language)
            throw Exploded(FormattableString.Invariant($"masked-language-model loss exploded: {language:g4}"),
                FormattableString.Invariant($", {first.Language:g4} over the first"));
        WarnIfCollapsed();

        static DivergedLossException Exploded(string figure, string first)
            => new($"{figure} on average over the last {Span} steps{first}", weightsAreFinite: false);
    }

    /// <summary>Gives the warning of a run that was too short for <see cref="Look"/>.</summary>
    public void End()
    {
        if (_recent.Count is < LeastSpan or >= Span) return;
        while (_recent.Count > LeastSpan) _recent.Dequeue();            // the first steps may have seen differences that are gone now
        WarnIfCollapsed();
    }

    private static double Relative(TrainingProgress step) => step.ContrastiveLoss / step.ChanceLoss;

    private void WarnIfCollapsed()
    {
        bool collapsed = _recent.All(step => !(step.MeanCosine < Alike)) && !(Math.Abs(_recent.Average(Relative) - 1) > NearChance)
            && !(_recent.Max(Relative) - _recent.Min(Relative) > 2 * NearChance);
        if (_warned || !collapsed) return;
        _warned = true;
        var last = _recent.Last();
        warnings.Collapsed(last.Step, _recent.Average(step => step.ContrastiveLoss), (int)Math.Round(Math.Exp(last.ChanceLoss)));
    }
}

/// <summary>A figure of a step shows that the run diverged; the run makes a <see cref="TrainingDivergedException"/> of it.</summary>
/// <param name="figure">Which figure, and what is wrong with it.</param>
/// <param name="weightsAreFinite">Whether the step was stopped before it changed a weight, after steps with sound figures.</param>
internal sealed class DivergedLossException(string figure, bool weightsAreFinite) : Exception(figure)
{
    /// <summary>Whether the weights may still be of use.</summary>
    public bool WeightsAreFinite { get; } = weightsAreFinite;
}
