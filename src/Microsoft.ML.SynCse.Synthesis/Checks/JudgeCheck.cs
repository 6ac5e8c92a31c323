using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse;

/// <summary>A language model scores how close a text is to its anchor, from 0 to 5; a triplet is kept where the positive has at least 3, the hard negative at most 3, and the gap is at least 1.</summary>
/// <remarks>The thresholds are those of MultiCSR (Wang et al., NAACL 2024). Each pair is one more request, journaled, repeated and limited like the others.</remarks>
public sealed class JudgeCheck : IPairCheck
{
    private readonly double _leastPositive, _mostNegative, _gap;

    /// <summary>Makes the check.</summary>
    /// <param name="client">The judge. Default: null, the client that writes. It stays the caller's.</param>
    /// <param name="leastPositive">The least score of a positive; from 0 to 5. Default: 3.</param>
    /// <param name="mostNegative">The highest score of a hard negative; from 0 to 5. Default: 3.</param>
    /// <param name="gap">The least difference between the two; from 0 to 5. Default: 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
    public JudgeCheck(IChatClient? client = null, double leastPositive = 3, double mostNegative = 3, double gap = 1)
    {
        foreach (var (name, value) in new[] { (nameof(leastPositive), leastPositive), (nameof(mostNegative), mostNegative), (nameof(gap), gap) })
        {
            if (value is not (>= 0 and <= 5)) throw new ArgumentOutOfRangeException(name, value, $"{name} must be from 0 to 5.");
        }
        (Client, _leastPositive, _mostNegative, _gap) = (client, leastPositive, mostNegative, gap);
        Model = (client?.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId;
    }

    /// <inheritdoc/>
    public string Name => "judge";

    /// <inheritdoc/>
    public string Source => Model ?? "";

    /// <inheritdoc/>
    public string Thresholds => string.Create(CultureInfo.InvariantCulture, $"positive {_leastPositive}, negative {_mostNegative}, gap {_gap}");

    /// <summary>The judge; null: the client that writes.</summary>
    internal IChatClient? Client { get; }

    /// <summary>Its model.</summary>
    internal string? Model { get; }

    /// <summary>Not for callers: a synthesizer sends the judge's requests itself, so that they are journaled and limited.</summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">A token.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken)
        => throw new NotSupportedException("The judge's requests are sent by the synthesizer; put the check into TripletSynthesisOptions.PairChecks.");

    /// <inheritdoc/>
    public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores)
    {
        if (!double.IsFinite(score)) return "the judge gave no score";
        if (role == SynthesisRole.Positive) return score >= _leastPositive ? null : "too little of the meaning kept";
        return score > _mostNegative ? "too much of the meaning kept" : positiveScores.All(positive => positive - score >= _gap) ? null : "not less alike than the positive by the gap";
    }
}

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
