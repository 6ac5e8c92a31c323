namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>How far a request is. The journal stores the names in lower case (<see cref="JournalNames"/>).</summary>
internal enum AttemptState
{
    /// <summary>It is under way.</summary>
    Sent,

    /// <summary>A reply came, and at least one of its texts can be used.</summary>
    Accepted,

    /// <summary>A reply came, and none of its texts can be used.</summary>
    Rejected,

    /// <summary>No reply came.</summary>
    Faulted,

    /// <summary>It was under way when its process was killed.</summary>
    Lost,
}

/// <summary>What a request asks for. The journal stores the names in lower case (<see cref="JournalNames"/>).</summary>
internal enum RequestKind
{
    /// <summary>One positive.</summary>
    Positive,

    /// <summary>One hard negative.</summary>
    Negative,

    /// <summary>Texts of several sentences, or several texts of one.</summary>
    Group,

    /// <summary>A list of new sentences.</summary>
    Scratch,

    /// <summary>How alike two texts are.</summary>
    Judge,

    /// <summary>A request that was answered before, sent again to see whether the provider still answers.</summary>
    Probe,
}

/// <summary>The strings that stand for enumerations in a journal and in telemetry; they are part of the format and never change.</summary>
internal static class JournalNames
{
    public const string Sent = "sent", Accepted = "accepted", Rejected = "rejected", Faulted = "faulted", Lost = "lost";
    public const string Positive = "positive", Negative = "negative";

    /// <summary>The stored name of a state.</summary>
    public static string JournalName(this AttemptState state) => state switch
    {
        AttemptState.Sent => Sent,
        AttemptState.Accepted => Accepted,
        AttemptState.Rejected => Rejected,
        AttemptState.Faulted => Faulted,
        AttemptState.Lost => Lost,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a state"),
    };

    /// <summary>The stored name of a kind.</summary>
    public static string JournalName(this RequestKind kind) => kind switch
    {
        RequestKind.Positive => Positive,
        RequestKind.Negative => Negative,
        RequestKind.Group => "group",
        RequestKind.Scratch => "scratch",
        RequestKind.Judge => "judge",
        RequestKind.Probe => "probe",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind"),
    };
}

/// <summary>A request that is about to leave.</summary>
/// <param name="Attempt">Its id.</param>
/// <param name="Key">What is asked (<see cref="Requests.SynthesisRequest.Key"/>).</param>
/// <param name="Kind">What it asks for.</param>
/// <param name="Prompts">The ids of its prompts.</param>
/// <param name="Model">The model it goes to.</param>
/// <param name="InputTokens">Reserved input tokens.</param>
/// <param name="OutputTokens">Reserved output tokens.</param>
/// <param name="SentAt">When it leaves.</param>
internal sealed record AttemptStart(
    string Attempt, byte[] Key, RequestKind Kind, string? Prompts, string? Model, long InputTokens, long OutputTokens,
        DateTimeOffset SentAt);

/// <summary>How a request ended.</summary>
internal sealed record AttemptEnd
{
    /// <summary>Accepted, rejected or faulted.</summary>
    public required AttemptState State { get; init; }

    /// <summary>The fault's name; null if a reply came.</summary>
    public string? Fault { get; init; }

    /// <summary>The rules that rejected texts of the reply, separated by commas.</summary>
    public string? RejectedBy { get; init; }

    /// <summary>Why, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>The reply as it was read; null if none came.</summary>
    public string? Reply { get; init; }

    /// <summary>The provider's finish reason.</summary>
    public string? Finish { get; init; }

    /// <summary>Input tokens to count.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens to count.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Whether the provider gave these numbers (or charges nothing).</summary>
    public required bool UsageKnown { get; init; }

    /// <summary>From sending to the end.</summary>
    public required TimeSpan Took { get; init; }
}

/// <summary>An outcome as the journal keeps it.</summary>
/// <param name="AnchorKey">SHA-256 of the sentence as it was sent.</param>
/// <param name="OptionsKey">
/// The options it was made with; null: it was imported and suits all options, or it is not final (a fault) and suits none.
/// </param>
/// <param name="Position">The sentence's place in the input, from 0.</param>
/// <param name="Outcome">The outcome; its anchor is the sentence as it was sent.</param>
internal sealed record OutcomeRow(byte[] AnchorKey, byte[]? OptionsKey, long Position, SynthesisOutcome Outcome);

/// <summary>What all requests of a journal used.</summary>
/// <param name="Requests">How many were sent.</param>
/// <param name="InputTokens">Their input tokens.</param>
/// <param name="OutputTokens">Their output tokens.</param>
internal readonly record struct JournalTotals(long Requests, long InputTokens, long OutputTokens);

/// <summary>What replies to requests for one text used, of those whose usage the provider gave.</summary>
/// <param name="Replies">How many.</param>
/// <param name="Rejected">How many of them were rejected.</param>
/// <param name="MeanInput">Mean input tokens of one.</param>
/// <param name="MeanOutput">Mean output tokens of one.</param>
internal readonly record struct LearnedUsage(long Replies, long Rejected, double MeanInput, double MeanOutput);
