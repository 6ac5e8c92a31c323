using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Checks;

/// <summary>A judge's reply.</summary>
/// <param name="Score">The score; null where the reply holds none.</param>
/// <param name="Without">Why there is none, where the reply's text does not matter: the judge's reasoning left no room for it.</param>
internal sealed record ScoreReading(double? Score, (string Rule, string Reason)? Without) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Score is not null;

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => Score is not null ? [] : [Without?.Rule ?? "judge-unreadable"];

    /// <inheritdoc/>
    public string? Reason => Score is not null ? null : Without?.Reason ?? "no score from 0 to 5 in the reply";

    /// <summary>Reads a reply.</summary>
    public static ScoreReading Of(StoredReply reply)
        => ReplyReader.WithoutAnswer(reply) is { } without ? new(null, without) : new(ReplyJson.Score(reply.Text), null);
}
