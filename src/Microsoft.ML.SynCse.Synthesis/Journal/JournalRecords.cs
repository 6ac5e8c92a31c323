using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A request that is about to leave.</summary>
/// <param name="Attempt">Its id.</param>
/// <param name="Key">What was asked (<see cref="SynthesisRequest.Key"/>).</param>
/// <param name="Kind">positive, negative, group, scratch or judge.</param>
/// <param name="Prompts">The ids of its prompts.</param>
/// <param name="Model">The model it goes to.</param>
/// <param name="InputTokens">Reserved input tokens.</param>
/// <param name="OutputTokens">Reserved output tokens.</param>
/// <param name="SentAt">When.</param>
internal sealed record AttemptStart(string Attempt, byte[] Key, string Kind, string? Prompts, string? Model, long InputTokens, long OutputTokens, DateTimeOffset SentAt);

/// <summary>How a request ended.</summary>
internal sealed record AttemptEnd
{
    /// <summary>accepted, rejected or faulted.</summary>
    public required string State { get; init; }

    /// <summary>The fault's name; null where a reply came.</summary>
    public string? Fault { get; init; }

    /// <summary>The rules that rejected texts of the reply, with commas between.</summary>
    public string? RejectedBy { get; init; }

    /// <summary>Why, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The reply as it was read; null where none came.</summary>
    public string? Reply { get; init; }

    /// <summary>The provider's finish reason.</summary>
    public string? Finish { get; init; }

    /// <summary>Input tokens to count.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens to count.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Whether the provider told these numbers (or charges nothing).</summary>
    public required bool UsageKnown { get; init; }

    /// <summary>From sending to the end.</summary>
    public required TimeSpan Took { get; init; }
}

/// <summary>A sentence's outcome as the journal keeps it.</summary>
internal sealed record OutcomeRow
{
    /// <summary>SHA-256 of the anchor.</summary>
    public required byte[] AnchorKey { get; init; }

    /// <summary>The options it was made with; null: it was imported and suits all, or it is not final (a fault) and suits none.</summary>
    public byte[]? OptionsKey { get; init; }

    /// <summary>The sentence's place in the input, from 0.</summary>
    public required long Position { get; init; }

    /// <summary>The sentence, as it was sent.</summary>
    public required string Anchor { get; init; }

    /// <summary>Its positives; null where it was rejected.</summary>
    public IReadOnlyList<string>? Positives { get; init; }

    /// <summary>Its hard negatives; null where it was rejected.</summary>
    public IReadOnlyList<string>? Negatives { get; init; }

    /// <summary>What the pair checks measured.</summary>
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>Why it was rejected.</summary>
    public string? RejectedBecause { get; init; }

    /// <summary>Replies read for it.</summary>
    public required int Attempts { get; init; }

    /// <summary>Their input tokens.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Their output tokens.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The genre, where the model wrote the sentence.</summary>
    public string? Genre { get; init; }

    /// <summary>The topics, likewise.</summary>
    public string? Topic { get; init; }
}

/// <summary>What all requests of a journal used.</summary>
/// <param name="Requests">How many were sent.</param>
/// <param name="InputTokens">Their input tokens.</param>
/// <param name="OutputTokens">Their output tokens.</param>
internal readonly record struct JournalTotals(long Requests, long InputTokens, long OutputTokens);

/// <summary>What replies to requests for one text used, where the provider told it.</summary>
/// <param name="Replies">How many.</param>
/// <param name="Rejected">How many of them were rejected.</param>
/// <param name="MeanInput">Input tokens of one.</param>
/// <param name="MeanOutput">Output tokens of one.</param>
internal readonly record struct LearnedUsage(long Replies, long Rejected, double MeanInput, double MeanOutput);
