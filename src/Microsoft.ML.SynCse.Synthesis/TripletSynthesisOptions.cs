using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>The settings of a <see cref="TripletSynthesizer"/>. Checked when used; an error names the option and its range.</summary>
/// <remarks>
/// Immutable, so safe from several threads. Set what differs in an object initializer, or with <c>options with { ... }</c>.
/// </remarks>
public sealed record TripletSynthesisOptions
{
    /// <summary>
    /// The journal: one SQLite file that keeps every request and reply, so that nothing read is paid for twice. Default: null, a temporary
    /// one that is gone with the synthesizer.
    /// </summary>
    /// <remarks>The same options and the same file go on where a run stopped. One process at a time may have it open.</remarks>
    public string? JournalPath { get; init; }

    /// <summary>
    /// The model that requests name (<c>ChatOptions.ModelId</c>). Default: null, the client's own; the journal then knows it under the name
    /// the client gives in its metadata.
    /// </summary>
    public string? ModelId { get; init; }

    /// <summary>The seed of all draws: prompts, exemplars, genres and topics. Default: 42.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Requests under way at a time; at least 1. Default: 8.</summary>
    public int MaxConcurrency { get; init; } = 8;

    /// <summary>
    /// How often a text is asked for, each time with another draw, before its sentence is reported as rejected; at least 1. Default: 3.
    /// Transport faults do not count.
    /// </summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>
    /// After this many sentences rejected in a row, with none accepted between, the run stops: the money is better spent on another model
    /// or prompt. At least 1. Default: 200. Null: never.
    /// </summary>
    public int? MaxConsecutiveRejections { get; init; } = 200;

    /// <summary>After this time a request is given up and repeated; over 0. Default: 100 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How often a request is repeated after a transient fault (a 5xx status, a timeout, a reset, a reply that is cut or unreadable); at
    /// least 0. Default: 5. Rate limits (429) are waited out and do not count.
    /// </summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>
    /// The wait before the first repetition, doubled for each further one, with jitter; a Retry-After value from the provider takes
    /// precedence. Over 0. Default: 1 s.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest wait before a repetition; a provider that asks for a longer one (Retry-After) stops the run. Default: 5 minutes.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Prompts, exemplars, genres and topics. Default: <see cref="PromptLibrary.Default"/>.</summary>
    public PromptLibrary PromptLibrary { get; init; } = PromptLibrary.Default;

    /// <summary>The form in which the model is to answer. Default: <see cref="ReplyFormat.JsonSchema"/>.</summary>
    public ReplyFormat ReplyFormat { get; init; } = ReplyFormat.JsonSchema;

    /// <summary>
    /// Which message holds the instructions, in requests to <see cref="JudgeCheck"/> too. Default:
    /// <see cref="InstructionPlacement.System"/>.
    /// </summary>
    public InstructionPlacement InstructionPlacement { get; init; } = InstructionPlacement.System;

    /// <summary>Solved examples in a request; at least 0. Default: 3.</summary>
    public int ExemplarsPerRequest { get; init; } = 3;

    /// <summary>
    /// Whether one request asks for a sentence's positives and negatives together: about half the cost. Default: no, one request each, as
    /// in the paper.
    /// </summary>
    public bool OneRequestPerSentence { get; init; }

    /// <summary>
    /// Sentences in a request, grouped by their place in the input; at least 1. Default: 1. What a group's reply lacks is asked for again
    /// singly.
    /// </summary>
    public int SentencesPerRequest { get; init; } = 1;

    /// <summary>Positives for each sentence; at least 1. Default: 1.</summary>
    public int PositivesPerSentence { get; init; } = 1;

    /// <summary>Hard negatives for each sentence; at least 0. Default: 1.</summary>
    public int NegativesPerSentence { get; init; } = 1;

    /// <summary>Sampling temperature; from 0 to 2. Default: null, the provider's.</summary>
    public float? Temperature { get; init; }

    /// <summary>Nucleus sampling; over 0 and at most 1. Default: null, the provider's.</summary>
    public float? TopP { get; init; }

    /// <summary>
    /// Tokens that a reply may have; at least 1. Default: null, the provider's limit. Needed with a limit on output tokens or cost: it is
    /// what is reserved before a request is sent.
    /// </summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>What a text must pass, in this order. Default: <see cref="ReplyRules.Default"/>.</summary>
    public IReadOnlyList<IReplyRule> Rules
    {
        get;
        init => field = ValueList<IReplyRule>.Of(value);
    } = ReplyRules.Default;

    /// <summary>
    /// Measures of a text against its anchor, after the rules: <see cref="SimilarityGapCheck"/>, <see cref="JudgeCheck"/>, or your own.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<IPairCheck> PairChecks
    {
        get;
        init => field = ValueList<IPairCheck>.Of(value);
    } = ValueList<IPairCheck>.Empty;

    /// <summary>
    /// Sees every sentence before anything of it leaves the machine or reaches the journal: returns it, a changed text to use in its place,
    /// or null to leave it out. Default: null, all go as they are.
    /// </summary>
    /// <remarks>Must give the same text for the same sentence. Called from several threads.</remarks>
    public Func<string, string?>? Redact { get; init; }

    /// <summary>What the run may use at most, counted over all runs on the journal. Default: null, no limit.</summary>
    public SynthesisLimits? Limits { get; init; }

    /// <summary>What tokens cost. Default: null, no cost is reported.</summary>
    public TokenPrices? Prices { get; init; }

    /// <summary>
    /// Counts a text's tokens for estimates, such as <c>tokenizer.CountTokens</c> of Microsoft.ML.Tokenizers. Default: null, four UTF-8
    /// bytes a token; usage known from the journal corrects it.
    /// </summary>
    public Func<string, int>? CountTokens { get; init; }

    /// <summary>
    /// Says what an exception of your chat client means if it is not one that the library knows (System.ClientModel, Azure.Core,
    /// Azure.Identity, HttpRequestException and the like). Default: null; null from it: the built-in reading.
    /// </summary>
    public Func<Exception, SynthesisFault?>? ClassifyFault { get; init; }

    /// <summary>
    /// Receives faults, rejections and stops. Default: null, none. Sentences are never in it unless <see cref="LogSentences"/> is set.
    /// </summary>
    public ILogger? Logger { get; init; }

    /// <summary>Whether log lines may hold sentences and replies. Default: no.</summary>
    public bool LogSentences { get; init; }
}

/// <summary>
/// What synthesis may use at most, over all runs on one journal. A limit is never passed: what a request can use at worst is reserved
/// before it is sent.
/// </summary>
/// <remarks>
/// Reserved are the request's UTF-8 bytes as its input tokens (no byte-level vocabulary gives more) and
/// <see cref="TripletSynthesisOptions.MaxOutputTokens"/>. The usage that the provider gives replaces the reservation. If it gives none, if
/// no whole answer came (timeout, reset, a cut body), or if the process was killed meanwhile, the whole reservation counts as used. A
/// request that was refused with an error status counts as a request, without tokens. Immutable, so safe from several threads. Set what
/// differs in an object initializer, or with <c>options with { ... }</c>.
/// </remarks>
public sealed record SynthesisLimits
{
    /// <summary>Requests, repeated ones included. Default: null, any number.</summary>
    public long? MaxRequests { get; init; }

    /// <summary>Input tokens. Default: null, any number.</summary>
    public long? MaxInputTokens { get; init; }

    /// <summary>Output tokens. Default: null, any number. Needs <see cref="TripletSynthesisOptions.MaxOutputTokens"/>.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>
    /// Cost, in the unit of <see cref="TripletSynthesisOptions.Prices"/>, which it needs, as it does
    /// <see cref="TripletSynthesisOptions.MaxOutputTokens"/>. Default: null, any.
    /// </summary>
    public decimal? MaxCost { get; init; }
}

/// <summary>The prices of tokens, in any currency.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
/// <param name="InputPerMillion">The price of a million input tokens; not negative.</param>
/// <param name="OutputPerMillion">The price of a million output tokens; not negative.</param>
public sealed record TokenPrices(decimal InputPerMillion, decimal OutputPerMillion)
{
    /// <summary>The cost of a number of tokens.</summary>
    internal decimal Cost(long inputTokens, long outputTokens)
        => (InputPerMillion * inputTokens + OutputPerMillion * outputTokens) / 1_000_000m;
}

/// <summary>The form in which a language model is to give its answer.</summary>
public enum ReplyFormat
{
    /// <summary>JSON that the provider keeps to a schema (structured output, <c>ChatOptions.ResponseFormat</c>).</summary>
    JsonSchema,

    /// <summary>JSON that the prompt asks for in words, for models without structured output.</summary>
    JsonText,
}

/// <summary>Which message of a request says what to do.</summary>
public enum InstructionPlacement
{
    /// <summary>A system message of its own, which most models follow best.</summary>
    System,

    /// <summary>
    /// The beginning of the first user message, for models without a system role (Gemma, OpenAI's o1-mini, some chat templates).
    /// </summary>
    User,
}
