using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse;

/// <summary>
/// A measure of a text against its anchor, applied after the rules, and the condition that the measure must meet. The package has
/// <see cref="SimilarityGapCheck"/> and <see cref="JudgeCheck"/>; implement <see cref="IPairScorer"/> for one of your own.
/// </summary>
/// <remarks>
/// A measure goes into the journal and is not taken again; thresholds may change without that. Implementations must be safe from several
/// threads.
/// </remarks>
public interface IPairCheck
{
    /// <summary>The name in journal, outcomes and reports: a few lower-case words with hyphens. Unique among the checks of a run.</summary>
    string Name { get; }

    /// <summary>What measures, such as the name of a model: a measure is used again only if this is the same.</summary>
    string Source { get; }

    /// <summary>The thresholds, as text: an outcome is used again only if these are the same.</summary>
    string Thresholds { get; }

    /// <summary>Why a text with this measure is not used; null if it is used. Pure.</summary>
    /// <param name="role">What the text is.</param>
    /// <param name="score">Its measure.</param>
    /// <param name="positiveScores">For a hard negative: the measures of the anchor's positives.</param>
    string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores);

    /// <summary>Takes the measure, or finds it in the journal.</summary>
    internal Task<double> MeasureAsync(PairCheckRunner runner, SentenceState sentence, string text, SynthesisRun run);
}

/// <summary>A pair check that measures by itself. Add your own to <see cref="TripletSynthesisOptions.PairChecks"/>.</summary>
/// <remarks>
/// If a service that the check uses fails (HttpRequestException, a timeout, a status), the check is called again as the language model is.
/// Any other exception counts as a mistake in the check and ends the run with the exception inside; so do an IOException that has no
/// connection as its cause, and an OperationCanceledException of the check's own. Implementations must be safe from several threads.
/// </remarks>
public interface IPairScorer : IPairCheck
{
    /// <summary>Measures a text against its anchor.</summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="text">A positive or a hard negative of it.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <returns>A finite number; the greater, the more alike.</returns>
    Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken);

    Task<double> IPairCheck.MeasureAsync(PairCheckRunner runner, SentenceState sentence, string text, SynthesisRun run)
        => runner.ScoreAsync(this, sentence.Anchor, text, run);
}
