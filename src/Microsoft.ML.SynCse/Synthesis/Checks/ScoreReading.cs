namespace Microsoft.ML.SynCse;

/// <summary>A judge's reply.</summary>
/// <param name="Score">The score; null where the reply holds none.</param>
internal sealed record ScoreReading(double? Score) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Score is not null;

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => Score is null ? ["judge-unreadable"] : [];

    /// <inheritdoc/>
    public string? Reason => Score is null ? "no score from 0 to 5 in the reply" : null;
}
