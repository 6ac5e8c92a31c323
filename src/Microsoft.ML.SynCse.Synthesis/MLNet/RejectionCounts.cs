namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>Why sentences were rejected, in a message.</summary>
internal static class RejectionReasons
{
    private const int Shown = 5;

    /// <summary>The most frequent reasons with their counts, such as "positive: refusal (12), fault: timeout (3)".</summary>
    public static string Text(IReadOnlyDictionary<string, long> counts)
    {
        var reasons = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(Shown).Select(c => $"{c.Key} ({c.Value})");
        return string.Join(", ", reasons) + (counts.Count > Shown ? ", and others" : "");
    }
}
