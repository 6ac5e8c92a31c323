using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse;

/// <summary>
/// A language model scores how close a text is to its anchor, from 0 to 5. A triplet is kept if the positive has at least 3, the hard
/// negative at most 3, and the gap is at least 1.
/// </summary>
/// <remarks>
/// The thresholds are those of MultiCSR (Wang et al., NAACL 2024). Each pair is one more request, which the synthesizer sends: journaled,
/// repeated and limited like the others. Immutable, so safe from several threads if the client is.
/// </remarks>
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
        var thresholds = new[] { (nameof(leastPositive), leastPositive), (nameof(mostNegative), mostNegative), (nameof(gap), gap) };
        foreach (var (name, value) in thresholds)
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
    public string Thresholds
        => string.Create(CultureInfo.InvariantCulture, $"positive {_leastPositive}, negative {_mostNegative}, gap {_gap}");

    /// <summary>The judge; null: the client that writes.</summary>
    internal IChatClient? Client { get; }

    /// <summary>The judge's model.</summary>
    internal string? Model { get; }

    /// <inheritdoc/>
    public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores)
    {
        if (!double.IsFinite(score)) return "the judge gave no score";
        if (role == SynthesisRole.Positive) return score >= _leastPositive ? null : "too little of the meaning kept";
        return score > _mostNegative ? "too much of the meaning kept"
            : positiveScores.All(positive => positive - score >= _gap) ? null : "not less alike than the positive by the gap";
    }

    Task<double> IPairCheck.MeasureAsync(PairCheckRunner runner, SentenceState sentence, string text, SynthesisRun run)
        => runner.AskAsync(this, sentence, text, run);
}
