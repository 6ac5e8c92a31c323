using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse.Synthesis;

/// <summary>Checks <see cref="TripletSynthesisOptions"/> and <see cref="ScratchSynthesisOptions"/>; an error names option and range.</summary>
internal static class TripletSynthesisOptionsRules
{
    /// <summary>Throws for the first option that is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">Options do not go together, or the prompt library cannot be used.</exception>
    public static void Validate(this TripletSynthesisOptions o)
    {
        const string Type = nameof(TripletSynthesisOptions);
        Check(o.JournalPath is null || o.JournalPath.Trim().Length > 0, Type, nameof(o.JournalPath), o.JournalPath, "null or the path of a file");
        Check(o.MaxConcurrency >= 1, Type, nameof(o.MaxConcurrency), o.MaxConcurrency, "at least 1");
        Check(o.MaxAttempts >= 1, Type, nameof(o.MaxAttempts), o.MaxAttempts, "at least 1");
        Check(o.MaxRejectedInARow is null or >= 1, Type, nameof(o.MaxRejectedInARow), o.MaxRejectedInARow, "null or at least 1");
        Check(o.RequestTimeout > TimeSpan.Zero && o.RequestTimeout < TimeSpan.FromDays(1), Type, nameof(o.RequestTimeout), o.RequestTimeout, "over 0 and under a day");
        Check(o.MaxRetries >= 0, Type, nameof(o.MaxRetries), o.MaxRetries, "at least 0");
        Check(o.RetryDelay > TimeSpan.Zero && o.RetryDelay < TimeSpan.FromDays(1), Type, nameof(o.RetryDelay), o.RetryDelay, "over 0 and under a day");
        Check(o.MaxRetryDelay > TimeSpan.Zero && o.MaxRetryDelay < TimeSpan.FromDays(1), Type, nameof(o.MaxRetryDelay), o.MaxRetryDelay, "over 0 and under a day");
        Check(Enum.IsDefined(o.ReplyFormat), Type, nameof(o.ReplyFormat), o.ReplyFormat, "a known format");
        Check(Enum.IsDefined(o.InstructionPlacement), Type, nameof(o.InstructionPlacement), o.InstructionPlacement, "a known placement");
        Check(o.ExemplarsPerRequest >= 0, Type, nameof(o.ExemplarsPerRequest), o.ExemplarsPerRequest, "at least 0");
        Check(o.SentencesPerRequest >= 1, Type, nameof(o.SentencesPerRequest), o.SentencesPerRequest, "at least 1");
        Check(o.PositivesPerSentence >= 1, Type, nameof(o.PositivesPerSentence), o.PositivesPerSentence, "at least 1");
        Check(o.NegativesPerSentence >= 0, Type, nameof(o.NegativesPerSentence), o.NegativesPerSentence, "at least 0");
        Check(o.Temperature is null or (>= 0 and <= 2), Type, nameof(o.Temperature), o.Temperature, "null or from 0 to 2");
        Check(o.TopP is null or (> 0 and <= 1), Type, nameof(o.TopP), o.TopP, "null or over 0 and at most 1");
        Check(o.MaxOutputTokens is null or >= 1, Type, nameof(o.MaxOutputTokens), o.MaxOutputTokens, "null or at least 1");
        PromptLibraryRules.Check(o.PromptLibrary ?? throw Null(Type, nameof(o.PromptLibrary)));
        CheckRules(o.Rules ?? throw Null(Type, nameof(o.Rules)));
        CheckPairChecks(o.PairChecks ?? throw Null(Type, nameof(o.PairChecks)));
        if (o.Prices is { } prices)
            Check(prices.InputPerMillion >= 0 && prices.OutputPerMillion >= 0, Type, nameof(o.Prices), o.Prices, "not negative");
        if (o.Limits is { } limits) CheckLimits(o, limits);
    }

    /// <summary>Throws for the first option that is out of its range; the triplets' options are checked by themselves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">A list is empty or holds an empty text.</exception>
    public static void Validate(this ScratchSynthesisOptions o)
    {
        const string Type = nameof(ScratchSynthesisOptions);
        CheckTexts(o.Genres, nameof(o.Genres));
        CheckTexts(o.Topics, nameof(o.Topics));
        Check(o.TopicsPerRequest >= 1, Type, nameof(o.TopicsPerRequest), o.TopicsPerRequest, "at least 1");
        Check(o.SentencesPerRequest >= 1, Type, nameof(o.SentencesPerRequest), o.SentencesPerRequest, "at least 1");
        Check(o.MinYield is >= 0 and <= 1, Type, nameof(o.MinYield), o.MinYield, "from 0 to 1");
        Check(o.NearDuplicateSimilarity is > 0 and <= 1, Type, nameof(o.NearDuplicateSimilarity), o.NearDuplicateSimilarity, "over 0 and at most 1");

        static void CheckTexts(IReadOnlyList<string>? texts, string name)
        {
            if (texts is null) return;
            if (texts.Count == 0 || texts.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException($"{Type}.{name} must be null or a list of texts, none of them empty.", name);
            if (texts.Distinct(StringComparer.Ordinal).Count() < texts.Count) throw new ArgumentException($"{Type}.{name} holds a text twice.", name);
        }
    }

    private static void CheckRules(IReadOnlyList<IReplyRule> rules)
    {
        if (rules.Any(rule => string.IsNullOrWhiteSpace(rule?.Name) || rule.Name.Contains(',')))
            throw new ArgumentException("TripletSynthesisOptions.Rules holds a rule that is null or has no name, or one with a comma in it.", nameof(TripletSynthesisOptions.Rules));
    }

    private static void CheckPairChecks(IReadOnlyList<IPairCheck> checks)
    {
        if (checks.Any(check => string.IsNullOrWhiteSpace(check?.Name) || check.Name.Contains(',')) || checks.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() < checks.Count)
            throw new ArgumentException("TripletSynthesisOptions.PairChecks holds a check that is null or has no name, one with a comma in it, or two of one name.", nameof(TripletSynthesisOptions.PairChecks));
    }

    private static void CheckLimits(TripletSynthesisOptions o, SynthesisLimits limits)
    {
        const string Type = nameof(SynthesisLimits);
        Check(limits.MaxRequests is null or >= 1, Type, nameof(limits.MaxRequests), limits.MaxRequests, "null or at least 1");
        Check(limits.MaxInputTokens is null or >= 1, Type, nameof(limits.MaxInputTokens), limits.MaxInputTokens, "null or at least 1");
        Check(limits.MaxOutputTokens is null or >= 1, Type, nameof(limits.MaxOutputTokens), limits.MaxOutputTokens, "null or at least 1");
        Check(limits.MaxCost is null or > 0, Type, nameof(limits.MaxCost), limits.MaxCost, "null or over 0");
        if (limits.MaxCost is not null && o.Prices is null)
            throw new ArgumentException("SynthesisLimits.MaxCost needs TripletSynthesisOptions.Prices: without prices no cost is known.", nameof(o.Prices));
        if ((limits.MaxCost is not null || limits.MaxOutputTokens is not null) && o.MaxOutputTokens is null)
            throw new ArgumentException("SynthesisLimits.MaxOutputTokens and MaxCost need TripletSynthesisOptions.MaxOutputTokens: it is what is reserved before a request is sent.", nameof(o.MaxOutputTokens));
    }

    private static ArgumentNullException Null(string type, string option) => new(option, $"{type}.{option} must not be null.");

    private static void Check(bool holds, string type, string option, object? value, string range)
    {
        if (!holds) throw new ArgumentOutOfRangeException(option, value, $"{type}.{option} must be {range}.");
    }
}
