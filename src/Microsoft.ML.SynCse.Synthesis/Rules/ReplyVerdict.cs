namespace Microsoft.ML.SynCse;

/// <summary>What an <see cref="IReplyRule"/> says of a candidate.</summary>
public readonly record struct ReplyVerdict
{
    private ReplyVerdict(string? text, string? reason) => (Text, Reason) = (text, reason);

    /// <summary>The text goes on as it is.</summary>
    public static ReplyVerdict Accepted => default;

    /// <summary>The cleaned text that takes the candidate's place; null where it stays as it is.</summary>
    public string? Text { get; }

    /// <summary>Why the candidate is rejected, in a few words without the text itself; null where it is not.</summary>
    public string? Reason { get; }

    /// <summary>The candidate goes on with this text.</summary>
    /// <param name="text">The cleaned text.</param>
    public static ReplyVerdict AcceptedAs(string text) => new(text ?? throw new ArgumentNullException(nameof(text)), null);

    /// <summary>The candidate is not used; the sentence is asked for again with another draw.</summary>
    /// <param name="reason">Why, in a few words; it is logged, so without sentence text.</param>
    public static ReplyVerdict Rejected(string reason) => new(null, reason ?? throw new ArgumentNullException(nameof(reason)));
}
