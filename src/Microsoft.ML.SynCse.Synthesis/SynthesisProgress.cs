using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>
/// How far a run of synthesis is: reported at most ten times a second, at least once a second, and once at the end; from any thread, one
/// report after the other.
/// </summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
public sealed record SynthesisProgress
{
    /// <summary>Sentences whose outcome is known.</summary>
    public required long Done { get; init; }

    /// <summary>Outcomes to come in all; from scratch: sentences to be accepted. Null if that is not known.</summary>
    public long? Total { get; init; }

    /// <summary>Sentences with all their texts.</summary>
    public required long Accepted { get; init; }

    /// <summary>Sentences that were rejected.</summary>
    public required long Rejected { get; init; }

    /// <summary>Sentences of those done for which this run sent nothing.</summary>
    public required long FromJournal { get; init; }

    /// <summary>Texts rejected in this run, by rule or check.</summary>
    public required IReadOnlyDictionary<string, long> RejectedTexts
    {
        get;
        init => field = ValueDictionary.Of(value);
    }

    /// <summary>Requests sent in this run.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests of this run that brought no reply.</summary>
    public required long Faults { get; init; }

    /// <summary>Requests under way.</summary>
    public required int InFlight { get; init; }

    /// <summary>Input tokens, over all runs on the journal.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens, over all runs on the journal.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Their cost; null without prices.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Since the run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// The time that is left at the pace of the sentences that were asked for so far; null if the total is not known or none was.
    /// </summary>
    public TimeSpan? Remaining { get; init; }
}
