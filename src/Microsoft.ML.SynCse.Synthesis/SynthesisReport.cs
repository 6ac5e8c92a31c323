using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>What a journal holds, over all the runs that wrote it.</summary>
/// <remarks>Immutable, so safe from several threads. Two reports are equal if all their values are.</remarks>
public sealed record SynthesisReport
{
    /// <summary>Sentences with an outcome; equal ones count once.</summary>
    public required long Sentences { get; init; }

    /// <summary>Sentences with all their texts.</summary>
    public required long Accepted { get; init; }

    /// <summary>
    /// Sentences that were rejected, by the text of <see cref="RejectionReason"/>; providers' words that differ in numbers and ids alone
    /// count as one.
    /// </summary>
    public required IReadOnlyDictionary<string, long> RejectedSentences
    {
        get;
        init => field = ValueDictionary.Of(value);
    }

    /// <summary>Requests that were sent.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests with a reply of which at least one text was accepted.</summary>
    public required long AcceptedRequests { get; init; }

    /// <summary>Requests with a reply of which nothing was accepted.</summary>
    public required long RejectedRequests { get; init; }

    /// <summary>Requests that brought no reply, by fault, such as <c>http-429</c>.</summary>
    public required IReadOnlyDictionary<string, long> FaultedRequests
    {
        get;
        init => field = ValueDictionary.Of(value);
    }

    /// <summary>Requests that were under way when a process was killed.</summary>
    public required long LostRequests { get; init; }

    /// <summary>Texts that were rejected, by rule or check.</summary>
    public required IReadOnlyDictionary<string, long> RejectedTexts
    {
        get;
        init => field = ValueDictionary.Of(value);
    }

    /// <summary>Input tokens, as the provider gave them or, if it gave none, as <see cref="SynthesisLimits"/> counts.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens, counted likewise.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Requests whose tokens are reservations, because the provider gave no usage.</summary>
    public required long RequestsWithoutUsage { get; init; }

    /// <summary>The cost of those tokens; null without <see cref="TripletSynthesisOptions.Prices"/>.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Why the last run of this synthesizer ended early; null if it did not.</summary>
    public string? StoppedBecause { get; init; }
}

/// <summary>What a run would ask for, counted before a request is sent.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
public sealed record SynthesisEstimate
{
    /// <summary>Sentences given.</summary>
    public required long Sentences { get; init; }

    /// <summary>Sentences whose outcome the journal holds: they cost nothing.</summary>
    public required long FromJournal { get; init; }

    /// <summary>Requests to send.</summary>
    public required long Requests { get; init; }

    /// <summary>Their input tokens.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Their output tokens, taking each text to be about as long as its sentence.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The cost; null without <see cref="TripletSynthesisOptions.Prices"/>.</summary>
    public decimal? Cost { get; init; }

    /// <summary>
    /// Replies the estimate learned from: share rejected, and real tokens against counted ones. 0: it takes every first reply to be
    /// accepted.
    /// </summary>
    public required long LearnedFrom { get; init; }
}
