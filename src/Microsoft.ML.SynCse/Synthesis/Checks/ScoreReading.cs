namespace Microsoft.ML.SynCse;

/// <summary>A judge's reply.</summary>
/// <param name="Score">The score; null where the reply holds none.</param>
/// <param name="ReasoningOnly">Whether the judge's reasoning left no room for a score.</param>
internal sealed record ScoreReading(double? Score, bool ReasoningOnly) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Score is not null;

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => Score is not null ? [] : [ReasoningOnly ? ReplyReader.ReasoningOnly : "judge-unreadable"];

    /// <inheritdoc/>
    public string? Reason => Score is not null ? null : ReasoningOnly ? ReplyReader.ReasoningAdvice : "no score from 0 to 5 in the reply";

    /// <summary>Reads a reply.</summary>
    public static ScoreReading Of(StoredReply reply) => reply.IsReasoningOnly ? new(null, true) : new(ReplyJson.Score(reply.Text), false);
}
