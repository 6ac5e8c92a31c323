using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using O = Microsoft.ML.SynCse.TripletSynthesisOptions;
using S = Microsoft.ML.SynCse.ScratchSynthesisOptions;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// The tables of all options. A new option is one property and one entry here: the validator, the fingerprint and saved models read them.
/// </summary>
internal static class SynthesisOptions
{
    private const string AtLeast0 = "at least 0", AtLeast1 = "at least 1", NullOr1 = "null or at least 1",
        UnderADay = "over 0 and under a day";

    /// <summary>Those of triplets. The order is that of fields in the fingerprint and of saved values.</summary>
    public static IReadOnlyList<SynthesisOption<O>> Triplets { get; } =
    [
        new SynthesisOption<O, string?>(nameof(O.JournalPath), o => o.JournalPath, (o, v) => o with { JournalPath = v })
        { Holds = v => v is null || v.Trim().Length > 0, Range = "null or the path of a file" },
        new SynthesisOption<O, string?>(nameof(O.ModelId), o => o.ModelId, (o, v) => o with { ModelId = v })
        { Fingerprint = FingerprintPart.Own, Saved = SavedPart.OptionalValue },
        new SynthesisOption<O, int>(nameof(O.Seed), o => o.Seed, (o, v) => o with { Seed = v })
        { Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, int>(nameof(O.MaxConcurrency), o => o.MaxConcurrency, (o, v) => o with { MaxConcurrency = v })
        { Holds = v => v >= 1, Range = AtLeast1, Saved = SavedPart.Value },
        new SynthesisOption<O, int>(nameof(O.MaxAttempts), o => o.MaxAttempts, (o, v) => o with { MaxAttempts = v })
        { Holds = v => v >= 1, Range = AtLeast1, Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, int?>(nameof(O.MaxConsecutiveRejections), o => o.MaxConsecutiveRejections,
            (o, v) => o with { MaxConsecutiveRejections = v })
        // Saved models have it under its first name.
        { Holds = v => v is null or >= 1, Range = NullOr1, Saved = SavedPart.OptionalValue, SavedName = "MaxRejectedInARow" },
        new SynthesisOption<O, TimeSpan>(nameof(O.RequestTimeout), o => o.RequestTimeout, (o, v) => o with { RequestTimeout = v })
        { Holds = IsUnderADay, Range = UnderADay, Saved = SavedPart.Value },
        new SynthesisOption<O, int>(nameof(O.MaxRetries), o => o.MaxRetries, (o, v) => o with { MaxRetries = v })
        { Holds = v => v >= 0, Range = AtLeast0, Saved = SavedPart.Value },
        new SynthesisOption<O, TimeSpan>(nameof(O.RetryDelay), o => o.RetryDelay, (o, v) => o with { RetryDelay = v })
        { Holds = IsUnderADay, Range = UnderADay, Saved = SavedPart.Value },
        new SynthesisOption<O, TimeSpan>(nameof(O.MaxRetryDelay), o => o.MaxRetryDelay, (o, v) => o with { MaxRetryDelay = v })
        { Holds = IsUnderADay, Range = UnderADay, Saved = SavedPart.Value },
        new SynthesisOption<O, PromptLibrary>(nameof(O.PromptLibrary), o => o.PromptLibrary, (o, v) => o with { PromptLibrary = v })
        {
            Further = o => PromptLibraryValidator.Check(o.PromptLibrary ?? throw Null(nameof(o.PromptLibrary))),
            Fingerprint = FingerprintPart.Own,
            Saved = SavedPart.Value,
        },
        new SynthesisOption<O, ReplyFormat>(nameof(O.ReplyFormat), o => o.ReplyFormat, (o, v) => o with { ReplyFormat = v })
        { Holds = Enum.IsDefined, Range = "a known format", Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, InstructionPlacement>(nameof(O.InstructionPlacement), o => o.InstructionPlacement,
            (o, v) => o with { InstructionPlacement = v })
        { Holds = Enum.IsDefined, Range = "a known placement", Fingerprint = FingerprintPart.Own, Saved = SavedPart.OptionalValue },
        new SynthesisOption<O, int>(nameof(O.ExemplarsPerRequest), o => o.ExemplarsPerRequest, (o, v) => o with { ExemplarsPerRequest = v })
        { Holds = v => v >= 0, Range = AtLeast0, Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, bool>(nameof(O.OneRequestPerSentence), o => o.OneRequestPerSentence,
            (o, v) => o with { OneRequestPerSentence = v })
        { Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, int>(nameof(O.SentencesPerRequest), o => o.SentencesPerRequest, (o, v) => o with { SentencesPerRequest = v })
        { Holds = v => v >= 1, Range = AtLeast1, Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, int>(nameof(O.PositivesPerSentence), o => o.PositivesPerSentence,
            (o, v) => o with { PositivesPerSentence = v })
        { Holds = v => v >= 1, Range = AtLeast1, Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, int>(nameof(O.NegativesPerSentence), o => o.NegativesPerSentence,
            (o, v) => o with { NegativesPerSentence = v })
        { Holds = v => v >= 0, Range = AtLeast0, Fingerprint = FingerprintPart.Field, Saved = SavedPart.Value },
        new SynthesisOption<O, float?>(nameof(O.Temperature), o => o.Temperature, (o, v) => o with { Temperature = v })
        {
            Holds = v => v is null or (>= 0 and <= 2),
            Range = "null or from 0 to 2",
            Fingerprint = FingerprintPart.Field,
            Saved = SavedPart.OptionalValue,
        },
        new SynthesisOption<O, float?>(nameof(O.TopP), o => o.TopP, (o, v) => o with { TopP = v })
        {
            Holds = v => v is null or (> 0 and <= 1),
            Range = "null or over 0 and at most 1",
            Fingerprint = FingerprintPart.Field,
            Saved = SavedPart.OptionalValue,
        },
        new SynthesisOption<O, int?>(nameof(O.MaxOutputTokens), o => o.MaxOutputTokens, (o, v) => o with { MaxOutputTokens = v })
        { Holds = v => v is null or >= 1, Range = NullOr1, Fingerprint = FingerprintPart.Field, Saved = SavedPart.OptionalValue },
        new SynthesisOption<O, IReadOnlyList<IReplyRule>>(nameof(O.Rules), o => o.Rules, (o, v) => o with { Rules = v })
        { Further = TripletSynthesisOptionsValidator.CheckRules, Fingerprint = FingerprintPart.Own, Saved = SavedPart.Names },
        new SynthesisOption<O, IReadOnlyList<IPairCheck>>(nameof(O.PairChecks), o => o.PairChecks, (o, v) => o with { PairChecks = v })
        { Further = TripletSynthesisOptionsValidator.CheckPairChecks, Fingerprint = FingerprintPart.Own, Saved = SavedPart.Names },
        // It changes the sentence itself, which is in the key of every outcome.
        new SynthesisOption<O, Func<string, string?>?>(nameof(O.Redact), o => o.Redact, (o, v) => o with { Redact = v })
        { Saved = SavedPart.IsSet },
        new SynthesisOption<O, SynthesisLimits?>(nameof(O.Limits), o => o.Limits, (o, v) => o with { Limits = v })
        { Further = TripletSynthesisOptionsValidator.CheckLimits, Saved = SavedPart.OptionalValue },
        new SynthesisOption<O, TokenPrices?>(nameof(O.Prices), o => o.Prices, (o, v) => o with { Prices = v })
        {
            Holds = v => v is null or { InputPerMillion: >= 0, OutputPerMillion: >= 0 },
            Range = "not negative",
            Saved = SavedPart.OptionalValue,
        },
        new SynthesisOption<O, Func<string, int>?>(nameof(O.CountTokens), o => o.CountTokens, (o, v) => o with { CountTokens = v })
        { Saved = SavedPart.IsSet },
        new SynthesisOption<O, Func<Exception, SynthesisFault?>?>(nameof(O.ClassifyFault), o => o.ClassifyFault,
            (o, v) => o with { ClassifyFault = v })
        { Saved = SavedPart.IsSet },
        new SynthesisOption<O, ILogger?>(nameof(O.Logger), o => o.Logger, (o, v) => o with { Logger = v }) { Saved = SavedPart.IsSet },
        new SynthesisOption<O, bool>(nameof(O.LogSentences), o => o.LogSentences, (o, v) => o with { LogSentences = v })
        { Saved = SavedPart.Value },
    ];

    /// <summary>
    /// Those of sentences that a model writes too. Only lists that the journal holds depend on them, so there is no fingerprint.
    /// </summary>
    public static IReadOnlyList<SynthesisOption<S>> Scratch { get; } =
    [
        // Checked by the synthesizer that takes them.
        new SynthesisOption<S, O?>(nameof(S.Triplets), s => s.Triplets, (s, v) => s with { Triplets = v }),
        new SynthesisOption<S, IReadOnlyList<string>?>(nameof(S.Genres), s => s.Genres, (s, v) => s with { Genres = v })
        { Further = s => TripletSynthesisOptionsValidator.CheckTexts(s.Genres, nameof(s.Genres)) },
        new SynthesisOption<S, IReadOnlyList<string>?>(nameof(S.Topics), s => s.Topics, (s, v) => s with { Topics = v })
        { Further = s => TripletSynthesisOptionsValidator.CheckTexts(s.Topics, nameof(s.Topics)) },
        new SynthesisOption<S, int>(nameof(S.TopicsPerRequest), s => s.TopicsPerRequest, (s, v) => s with { TopicsPerRequest = v })
        { Holds = v => v >= 1, Range = AtLeast1 },
        new SynthesisOption<S, int>(nameof(S.SentencesPerRequest), s => s.SentencesPerRequest, (s, v) => s with { SentencesPerRequest = v })
        { Holds = v => v >= 1, Range = AtLeast1 },
        new SynthesisOption<S, double>(nameof(S.MinYield), s => s.MinYield, (s, v) => s with { MinYield = v })
        { Holds = v => v is >= 0 and <= 1, Range = "from 0 to 1" },
        new SynthesisOption<S, double>(nameof(S.NearDuplicateSimilarity), s => s.NearDuplicateSimilarity,
            (s, v) => s with { NearDuplicateSimilarity = v })
        { Holds = v => v is > 0 and <= 1, Range = "over 0 and at most 1" },
    ];

    private static bool IsUnderADay(TimeSpan time) => time > TimeSpan.Zero && time < TimeSpan.FromDays(1);

    private static ArgumentNullException Null(string option)
        => new(option, $"{nameof(TripletSynthesisOptions)}.{option} must not be null.");
}
