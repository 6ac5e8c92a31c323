namespace Microsoft.ML.SynCse;

/// <summary>A measure of a text against its anchor, after the rules, and what must hold of it. Add your own to <see cref="TripletSynthesisOptions.PairChecks"/>.</summary>
/// <remarks>What is measured goes into the journal and is not measured again; thresholds may change without that. Safe from several
/// threads.
/// A service behind it that fails (HttpRequestException, a timeout, a status) is asked again as the language model is; any other exception
/// is taken for a mistake in the check and ends the run with it inside: an IOException too where no connection stands behind it, and an
/// OperationCanceledException of the check's own.</remarks>
public interface IPairCheck
{
    /// <summary>What journal, outcomes and reports call it: a few lower-case words with hyphens. Unique among the checks of a run.</summary>
    string Name { get; }

    /// <summary>What measures, such as the name of a model: a measurement is used again only where this is the same.</summary>
    string Source { get; }

    /// <summary>The thresholds, as text: an outcome is used again only where these are the same.</summary>
    string Thresholds { get; }

    /// <summary>Measures a text against its anchor.</summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="text">A positive or a hard negative of it.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <returns>A finite number; the greater, the more alike.</returns>
    Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken);

    /// <summary>Why a text with this measure is not used; null where it is. Pure.</summary>
    /// <param name="role">What the text is.</param>
    /// <param name="score">Its measure.</param>
    /// <param name="positiveScores">For a hard negative: the measures of the anchor's positives.</param>
    string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores);
}
