namespace Microsoft.ML.SynCse;

/// <summary>The rules that come with the package.</summary>
public static class ReplyRules
{
    private static readonly IReplyRule Oversized = new OversizedRule(), Wrapping = new WrappingRule();

    /// <summary>
    /// All of them, in their order: truncated, filtered, oversized, wrapping (cleans), empty, broken-characters, refusal, several-lines, debris, explanation, question-back, script, length,
    /// copy-of-input, exemplar-copied, same-as-positive, duplicate.
    /// </summary>
    public static IReadOnlyList<IReplyRule> Default { get; } =
    [
        new TruncatedRule(), new FilteredRule(), Oversized, Wrapping, new EmptyRule(), new BrokenCharactersRule(), new RefusalRule(), new SeveralLinesRule(), new DebrisRule(), new ExplanationRule(),
        new QuestionBackRule(), new ScriptRule(), Length(), new CopyOfInputRule(), new ExemplarCopiedRule(), new SameAsPositiveRule(), new DuplicateRule(),
    ];

    /// <summary>Those that need no anchor: for sentences that a model writes from nothing.</summary>
    internal static IReadOnlyList<IReplyRule> ForSentences { get; } =
        [Oversized, Wrapping, new EmptyRule(), new BrokenCharactersRule(), new RefusalRule(), new SeveralLinesRule(), new DebrisRule(), new ExplanationRule(), new QuestionBackRule()];

    /// <summary>The rule on length with bounds of one's own.</summary>
    /// <param name="shortest">The least share of the anchor's characters; not negative. Default: 0.125.</param>
    /// <param name="longest">The most, as a multiple of the anchor's characters, beside 40 characters that are always allowed; at least 1. Default: 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of its range.</exception>
    public static IReplyRule Length(double shortest = LengthRule.DefaultShortest, double longest = LengthRule.DefaultLongest)
    {
        if (!(shortest >= 0 && shortest <= 1)) throw new ArgumentOutOfRangeException(nameof(shortest), shortest, "The least share must be from 0 to 1.");
        if (!(longest >= 1 && double.IsFinite(longest))) throw new ArgumentOutOfRangeException(nameof(longest), longest, "The greatest multiple must be at least 1.");
        return new LengthRule(shortest, longest);
    }

    /// <summary>Puts a candidate before rules, each with the text that the one before it left; the first rejection wins.</summary>
    /// <returns>The cleaned text, or the name of the rule that rejected it and its reason.</returns>
    /// <exception cref="InvalidOperationException">A rule threw; the message names it.</exception>
    internal static (string? Text, string? Rule, string? Reason) Apply(IReadOnlyList<IReplyRule> rules, ReplyCandidate candidate)
    {
        foreach (var rule in rules)
        {
            ReplyVerdict verdict;
            try
            {
                verdict = rule.Check(candidate);
            }
            catch (Exception error)
            {
                // Its message may hold the sentence.
                throw new InvalidOperationException($"The rule '{rule.Name}' threw {error.GetType().Name}; a rule must give a verdict on any text.", error);
            }
            if (verdict.Reason is { } reason) return (null, rule.Name, reason);
            if (verdict.Text is { } text && text != candidate.Text) candidate = candidate with { Text = text };
        }
        return (candidate.Text, null, null);
    }
}
