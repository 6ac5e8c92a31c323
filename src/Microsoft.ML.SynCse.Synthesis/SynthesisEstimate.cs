namespace Microsoft.ML.SynCse;

/// <summary>What a run would ask for, counted before a request is sent.</summary>
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
