namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>Counts why sentences were rejected, for messages.</summary>
internal sealed class RejectionCounts
{
    private const int Shown = 5;

    private readonly Dictionary<RejectionReason, long> _counts = [];

    /// <summary>Sentences that were rejected.</summary>
    public long Total { get; private set; }

    /// <summary>Counts an outcome; one that was accepted changes nothing.</summary>
    public void Add(SynthesisOutcome outcome)
    {
        if (outcome.RejectionReason is not { } reason) return;
        _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
        Total++;
    }

    /// <summary>The most frequent reasons with their counts, such as "positive: refusal (12), fault: timeout (3)".</summary>
    public override string ToString()
    {
        var reasons = _counts.Select(c => (Reason: c.Key.ToString(), Count: c.Value))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Reason, StringComparer.Ordinal).Take(Shown)
            .Select(c => $"{c.Reason} ({c.Count})");
        return string.Join(", ", reasons) + (_counts.Count > Shown ? ", and others" : "");
    }
}
