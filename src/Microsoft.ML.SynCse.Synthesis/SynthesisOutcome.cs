using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>What became of one sentence.</summary>
/// <remarks>Immutable, so safe from several threads. Two outcomes are equal if all their values are.</remarks>
public sealed record SynthesisOutcome
{
    /// <summary>The sentence as it was given.</summary>
    public required string Anchor { get; init; }

    /// <summary>
    /// The sentence with its positives and hard negatives; null if it was rejected. Its anchor is the text that
    /// <see cref="TripletSynthesisOptions.Redact"/> returned.
    /// </summary>
    public TrainingExample? Example { get; init; }

    /// <summary>Why the sentence was rejected; null if it was not.</summary>
    public RejectionReason? RejectionReason { get; init; }

    /// <summary>
    /// What the pair checks measured, by check, role and index, such as <c>similarity/positive/0</c>; null without pair checks.
    /// </summary>
    public IReadOnlyDictionary<string, double>? Scores
    {
        get;
        init => field = ValueDictionary.Of(value);
    }

    /// <summary>Replies read for the sentence, from the journal too; a reply to several sentences counts for each.</summary>
    public required int Attempts { get; init; }

    /// <summary>Whether this run sent no request for the sentence.</summary>
    public required bool FromJournal { get; init; }

    /// <summary>Input tokens of those replies; of a reply to several sentences, this sentence's share.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens of those replies, counted likewise.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The genre that the sentence was written in; null for a sentence that was given.</summary>
    public string? Genre { get; init; }

    /// <summary>The topics that the sentence was written about, separated by commas; null for a sentence that was given.</summary>
    public string? Topic { get; init; }
}
