using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis;

/// <summary>
/// Checks <see cref="TripletSynthesisOptions"/> and <see cref="ScratchSynthesisOptions"/> by the tables of <see cref="SynthesisOptions"/>;
/// an error names the option and its range.
/// </summary>
internal static class TripletSynthesisOptionsValidator
{
    /// <summary>Throws for the first option that is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">Options do not go together, or the prompt library cannot be used.</exception>
    public static void Validate(this TripletSynthesisOptions options)
    {
        foreach (var option in SynthesisOptions.Triplets) option.Check(options);
    }

    /// <summary>Throws for the first option that is out of its range; the options of triplets are checked by themselves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">A list is empty or holds an empty text.</exception>
    public static void Validate(this ScratchSynthesisOptions options)
    {
        foreach (var option in SynthesisOptions.Scratch) option.Check(options);
    }

    /// <summary>Throws if the genres or topics cannot be used.</summary>
    internal static void CheckTexts(IReadOnlyList<string>? texts, string name)
    {
        const string Type = nameof(ScratchSynthesisOptions);
        if (texts is null) return;
        if (texts.Count == 0 || texts.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"{Type}.{name} must be null or a list of texts, none of them empty.", name);
        if (texts.Distinct(StringComparer.Ordinal).Count() < texts.Count)
            throw new ArgumentException($"{Type}.{name} holds a text twice.", name);
    }

    /// <summary>Throws if a rule has no name that a journal can hold.</summary>
    internal static void CheckRules(TripletSynthesisOptions o)
    {
        var rules = o.Rules ?? throw Null(nameof(o.Rules));
        if (rules.Any(rule => string.IsNullOrWhiteSpace(rule?.Name) || rule.Name.Contains(',')))
        {
            throw new ArgumentException(
                "TripletSynthesisOptions.Rules holds a rule that is null or has no name, or one with a comma in it.", nameof(o.Rules));
        }
    }

    /// <summary>Throws if a pair check has no name that a journal can hold, or two have the same.</summary>
    internal static void CheckPairChecks(TripletSynthesisOptions o)
    {
        var checks = o.PairChecks ?? throw Null(nameof(o.PairChecks));
        if (checks.Any(check => string.IsNullOrWhiteSpace(check?.Name) || check.Name.Contains(','))
            || checks.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() < checks.Count)
        {
            throw new ArgumentException(
                "TripletSynthesisOptions.PairChecks holds a check that is null or has no name, one with a comma in it, "
                + "or two of one name.", nameof(o.PairChecks));
        }
    }

    /// <summary>Throws if a limit is out of its range, or lacks an option that it needs.</summary>
    internal static void CheckLimits(TripletSynthesisOptions o)
    {
        if (o.Limits is not { } limits) return;
        Check(limits.MaxRequests is null or >= 1, nameof(limits.MaxRequests), limits.MaxRequests, "null or at least 1");
        Check(limits.MaxInputTokens is null or >= 1, nameof(limits.MaxInputTokens), limits.MaxInputTokens, "null or at least 1");
        Check(limits.MaxOutputTokens is null or >= 1, nameof(limits.MaxOutputTokens), limits.MaxOutputTokens, "null or at least 1");
        Check(limits.MaxCost is null or > 0, nameof(limits.MaxCost), limits.MaxCost, "null or over 0");
        if (limits.MaxCost is not null && o.Prices is null)
        {
            throw new ArgumentException(
                "SynthesisLimits.MaxCost needs TripletSynthesisOptions.Prices: without prices no cost is known.", nameof(o.Prices));
        }
        if ((limits.MaxCost is not null || limits.MaxOutputTokens is not null) && o.MaxOutputTokens is null)
        {
            throw new ArgumentException("SynthesisLimits.MaxOutputTokens and MaxCost need TripletSynthesisOptions.MaxOutputTokens: "
                + "it is what is reserved before a request is sent.", nameof(o.MaxOutputTokens));
        }
    }

    private static ArgumentNullException Null(string option)
        => new(option, $"{nameof(TripletSynthesisOptions)}.{option} must not be null.");

    private static void Check(bool holds, string limit, object? value, string range)
    {
        if (!holds) throw new ArgumentOutOfRangeException(limit, value, $"{nameof(SynthesisLimits)}.{limit} must be {range}.");
    }
}
