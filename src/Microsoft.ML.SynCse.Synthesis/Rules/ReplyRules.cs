using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Rules;

namespace Microsoft.ML.SynCse;

/// <summary>The rules that come with the package.</summary>
/// <remarks>Its members may be used from several threads at once, and so may the rules.</remarks>
public static class ReplyRules
{
    private static readonly IReplyRule _oversized = new OversizedRule(), _wrapping = new WrappingRule();

    /// <summary>
    /// All of them, in their order: truncated, filtered, oversized, wrapping (cleans), empty, broken-characters, refusal, several-lines,
    /// debris, explanation, question-back, script, length, copy-of-input, exemplar-copied, same-as-positive, duplicate, language.
    /// </summary>
    public static IReadOnlyList<IReplyRule> Default { get; } = ValueList<IReplyRule>.Of(
    [
        new TruncatedRule(), new FilteredRule(), _oversized, _wrapping, new EmptyRule(), new BrokenCharactersRule(), new RefusalRule(),
        new SeveralLinesRule(), new DebrisRule(), new ExplanationRule(), new QuestionBackRule(), new ScriptRule(), Length(),
        new CopyOfInputRule(), new ExemplarCopiedRule(), new SameAsPositiveRule(), new DuplicateRule(), Language(),
    ]);

    /// <summary>Those that need no anchor: for sentences that a model writes from nothing.</summary>
    internal static IReadOnlyList<IReplyRule> ForSentences { get; } =
        [_oversized, _wrapping, new EmptyRule(), new BrokenCharactersRule(), new RefusalRule(), new SeveralLinesRule(), new DebrisRule(),
            new ExplanationRule(), new QuestionBackRule()];

    /// <summary>The rule on length with bounds of one's own.</summary>
    /// <param name="shortest">The least share of the anchor's characters; not negative. Default: 0.125.</param>
    /// <param name="longest">
    /// The most, as a multiple of the anchor's characters, beside 40 characters that are always allowed; at least 1. Default: 3.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of its range.</exception>
    public static IReplyRule Length(double shortest = LengthRule.DefaultShortest, double longest = LengthRule.DefaultLongest)
    {
        if (!(shortest >= 0 && shortest <= 1))
            throw new ArgumentOutOfRangeException(nameof(shortest), shortest, "The least share must be from 0 to 1.");
        if (!(longest >= 1 && double.IsFinite(longest)))
            throw new ArgumentOutOfRangeException(nameof(longest), longest, "The greatest multiple must be at least 1.");
        return new LengthRule(shortest, longest);
    }

    /// <summary>
    /// The rule on language with a margin of one's own: it turns down a text in another language than its anchor's, in the same script.
    /// </summary>
    /// <remarks>
    /// Letter statistics of 79 languages (Lingua) are read from <c>Lingua/LanguageModels</c> beside the application when the first pair is
    /// looked at: about 60 MB of memory for Latin script, for the life of the process, and about 2 ms a pair. Short and mixed texts pass.
    /// Leave the rule out if answers are wanted in another language, or if sentences are in one that Lingua does not know: <c>Rules = [..
    /// ReplyRules.Default.Where(rule => rule.Name != "language")]</c>.
    /// </remarks>
    /// <param name="margin">How much likelier two languages must be than one, in nats (2: 7 times; 7: 1,000 times); over 0. Higher: fewer
    /// texts are turned down. Default: 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">The margin is not over 0, or not a number.</exception>
    public static IReplyRule Language(double margin = LanguageRule.DefaultMargin)
    {
        if (!(margin > 0 && double.IsFinite(margin))) throw new ArgumentOutOfRangeException(nameof(margin), margin,
            "The margin must be over 0.");
        return new LanguageRule(margin);
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
                throw new InvalidOperationException(
                    $"The rule '{rule.Name}' threw {error.GetType().Name}; a rule must give a verdict on any text.", error);
            }
            if (verdict.Reason is { } reason) return (null, rule.Name, reason);
            if (verdict.Text is { } text && text != candidate.Text) candidate = candidate with { Text = text };
        }
        return (candidate.Text, null, null);
    }
}
