namespace Microsoft.ML.SynCse;

/// <summary>Stand-in until the rules are merged.</summary>
public static class ReplyRules
{
    /// <summary>All.</summary>
    public static IReadOnlyList<IReplyRule> Default { get; } = [];
    internal static IReadOnlyList<IReplyRule> ForSentences => Default;
    internal static (string? Text, string? Rule, string? Reason) Apply(IReadOnlyList<IReplyRule> rules, ReplyCandidate candidate) => (candidate.Text, null, null);
}
