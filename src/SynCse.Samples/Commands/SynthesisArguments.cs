using System.CommandLine;
using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>The settings of synthesis as command-line options; what is not given keeps the library's default.</summary>
internal sealed class SynthesisArguments
{
    private static readonly TripletSynthesisOptions _defaults = new();
    private readonly Option<int> _concurrency = New("--concurrency", "Requests under way at a time", _defaults.MaxConcurrency);
    private readonly Option<int> _attempts =
        New("--attempts", "How often a text is asked for before its sentence is rejected", _defaults.MaxAttempts);
    private readonly Option<int> _retries =
        New("--retries", "How often a request is repeated after a fault that may pass", _defaults.MaxRetries);
    private readonly Option<bool> _jsonText = New("--json-text", "Ask for JSON in words, for models without structured output", false);
    private readonly Option<bool> _inUserMessage = New("--instructions-in-user-message",
        "No system message, for models without a system role (Gemma)", false);
    private readonly Option<bool> _anyLanguage = New("--any-language", "Keep texts in another language than their sentence's", false);
    private readonly Option<bool> _oneRequest =
        New("--one-request", "One request for a sentence's positives and negatives together", false);
    private readonly Option<int> _sentencesPerRequest =
        New("--sentences-per-request", "Sentences a request", _defaults.SentencesPerRequest);
    private readonly Option<int> _positives = New("--positives", "Positives for each sentence", _defaults.PositivesPerSentence);
    private readonly Option<int> _negatives = New("--negatives", "Hard negatives for each sentence", _defaults.NegativesPerSentence);
    private readonly Option<float?> _temperature =
        New("--temperature", "Sampling temperature; without it: the provider's", _defaults.Temperature);
    private readonly Option<float?> _topP = New("--top-p", "Nucleus sampling; without it: the provider's", _defaults.TopP);
    private readonly Option<int?> _maxOutputTokens
        = New("--max-output-tokens", "Tokens that one reply may have; without it: the provider's limit", _defaults.MaxOutputTokens);
    private readonly Option<string?> _prompts = New<string?>("--prompts", "A prompt library (JSON) in the place of the package's", null);
    private readonly Option<int> _seed = New("--seed", "Seed of all draws", _defaults.Seed);
    private readonly Option<long?> _maxRequests = New<long?>("--max-requests", "Limit on requests, over all runs on the journal", null);
    private readonly Option<long?> _maxTotalInput = New<long?>("--max-total-input-tokens", "Limit on input tokens, likewise", null);
    private readonly Option<long?> _maxTotalOutput
        = New<long?>("--max-total-output-tokens", "Limit on output tokens, likewise; needs --max-output-tokens", null);
    private readonly Option<decimal?> _maxCost =
        New<decimal?>("--max-cost", "Limit on the cost, likewise; needs --max-output-tokens and both prices", null);
    private readonly Option<decimal?> _priceInput =
        New<decimal?>("--price-input", "Price of a million input tokens, in any currency", null);
    private readonly Option<decimal?> _priceOutput = New<decimal?>("--price-output", "Price of a million output tokens", null);
    private readonly Option<bool> _judge =
        New("--judge", "Keep a triplet only where the model scores its pairs well: one more request a text", false);

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _concurrency, _attempts, _retries, _jsonText, _inUserMessage, _anyLanguage, _oneRequest, _sentencesPerRequest, _positives,
            _negatives, _temperature, _topP, _maxOutputTokens,
            _prompts, _seed, _maxRequests, _maxTotalInput, _maxTotalOutput, _maxCost, _priceInput, _priceOutput, _judge,
        }) command.Options.Add(option);
    }

    /// <summary>The options for a provider and a journal.</summary>
    public TripletSynthesisOptions Read(ParseResult parsed, ProviderChoice provider, string? journal) => new()
    {
        JournalPath = journal,
        RequestTimeout = provider.RequestTimeout,
        ClassifyFault = provider.Kind == ProviderKind.Ollama ? OllamaFaults.Classify : null,
        MaxConcurrency = parsed.GetValue(_concurrency),
        MaxAttempts = parsed.GetValue(_attempts),
        MaxRetries = parsed.GetValue(_retries),
        ReplyFormat = parsed.GetValue(_jsonText) ? ReplyFormat.JsonText : ReplyFormat.JsonSchema,
        InstructionPlacement = parsed.GetValue(_inUserMessage) ? InstructionPlacement.User : InstructionPlacement.System,
        Rules = parsed.GetValue(_anyLanguage) ? [.. ReplyRules.Default.Where(rule => rule.Name != "language")] : ReplyRules.Default,
        OneRequestPerSentence = parsed.GetValue(_oneRequest),
        SentencesPerRequest = parsed.GetValue(_sentencesPerRequest),
        PositivesPerSentence = parsed.GetValue(_positives),
        NegativesPerSentence = parsed.GetValue(_negatives),
        Temperature = parsed.GetValue(_temperature),
        TopP = parsed.GetValue(_topP),
        MaxOutputTokens = parsed.GetValue(_maxOutputTokens),
        PromptLibrary = parsed.GetValue(_prompts) is { } file ? PromptLibrary.Load(file) : PromptLibrary.Default,
        Seed = parsed.GetValue(_seed),
        Prices = Prices(parsed),
        Limits = Limits(parsed),
        PairChecks = parsed.GetValue(_judge) ? [new JudgeCheck()] : [],
    };

    private TokenPrices? Prices(ParseResult parsed) => (parsed.GetValue(_priceInput), parsed.GetValue(_priceOutput)) switch
    {
        ({ } input, { } output) => new TokenPrices(input, output),
        (null, null) => null,
        _ => throw new ArgumentException("--price-input and --price-output belong together: give both."),
    };

    private SynthesisLimits Limits(ParseResult parsed)
    {
        var limits = new SynthesisLimits
        {
            MaxRequests = parsed.GetValue(_maxRequests),
            MaxInputTokens = parsed.GetValue(_maxTotalInput),
            MaxOutputTokens = parsed.GetValue(_maxTotalOutput),
            MaxCost = parsed.GetValue(_maxCost),
        };
        if (limits.MaxCost is not null && parsed.GetValue(_priceInput) is null)
            throw new ArgumentException("--max-cost needs --price-input and --price-output: without prices no cost is known.");
        if ((limits.MaxCost is not null || limits.MaxOutputTokens is not null) && parsed.GetValue(_maxOutputTokens) is null)
            throw new ArgumentException(
                "--max-cost and --max-total-output-tokens need --max-output-tokens: it is what is reserved before a request is sent.");
        return limits;
    }

    private static Option<T> New<T>(string name, string description, T value)
        => new(name) { Description = description, DefaultValueFactory = _ => value };
}
