namespace Microsoft.ML.SynCse.Synthesis.Journal;

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
