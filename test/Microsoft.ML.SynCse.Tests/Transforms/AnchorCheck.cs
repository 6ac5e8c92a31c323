namespace Microsoft.ML.SynCse.Tests;

/// <summary>A pair check of a user's own: whatever is written for sentences that hold a word is turned down.</summary>
internal sealed class AnchorCheck(string word) : IPairScorer
{
    public string Name => "anchor";

    public string Source => "";

    public string Thresholds => word;

    public Task<double> ScoreAsync(string anchor, string text, CancellationToken cancellationToken)
        => Task.FromResult(anchor.Contains(word, StringComparison.Ordinal) ? 0.0 : 1.0);

    public string? Reject(SynthesisRole role, double score, IReadOnlyList<double> positiveScores)
        => score > 0 ? null : "the anchor holds the word";
}
