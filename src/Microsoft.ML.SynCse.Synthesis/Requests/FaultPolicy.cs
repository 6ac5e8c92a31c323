using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Polly;
using Polly.Retry;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>What is done about a failed call: which are repeated and when (Polly), which stop the run, and in what words.</summary>
internal sealed class FaultPolicy
{
    // A provider that limits rates is waited for as long as it serves other requests; this many waits of one request are more than an hour.
    private const int MostThrottledRetries = 100;

    private readonly TripletSynthesisOptions _options;
    private readonly ResiliencePipeline _retries;

    public FaultPolicy(TripletSynthesisOptions options)
    {
        _options = options;
        var retries = new ResiliencePipelineBuilder().AddRetry(Retry(SynthesisFaultKind.Throttled, MostThrottledRetries));
        if (options.MaxRetries > 0) retries.AddRetry(Retry(SynthesisFaultKind.Transient, options.MaxRetries));
        _retries = retries.Build();
    }

    /// <summary>Makes a call until it succeeds; it throws <see cref="RequestFaultException"/> for what may be repeated.</summary>
    /// <param name="call">The call.</param>
    /// <param name="run">The run; it is stopped if no call can succeed.</param>
    /// <exception cref="RequestFaultException">The call failed, repeated ones too, while the provider served others.</exception>
    /// <exception cref="SynthesisStoppedException">The run has to stop.</exception>
    public async Task<T> RepeatAsync<T>(Func<Task<T>> call, SynthesisRun run)
    {
        try
        {
            return await _retries.ExecuteAsync(async _ => await call().ConfigureAwait(false), run.Token).ConfigureAwait(false);
        }
        catch (RequestFaultException error) when (error.Fault.Kind == SynthesisFaultKind.Permanent)
        {
            var stopped = Refuses(error.Fault, error.Message);
            run.Stop(stopped);
            run.ThrowIfEnded();
            throw stopped;
        }
        catch (SynthesisStoppedException stopped)
        {
            run.Stop(stopped);
            throw;
        }
    }

    /// <summary>Reads an exception, by the caller's own reading first.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="seen">What the call got over HTTP.</param>
    public SynthesisFault Read(Exception error, HttpTap? seen)
    {
        var fault = _options.ClassifyFault?.Invoke(error) ?? FaultClassifier.Classify(error, seen);
        return fault.RetryAfter > _options.MaxRetryDelay
            ? fault with
            {
                Kind = SynthesisFaultKind.Permanent,
                Message = $"it asks to wait for {fault.RetryAfter.Value.TotalSeconds:0} s, longer than MaxRetryDelay "
                    + $"({_options.MaxRetryDelay.TotalSeconds:0} s).",
            }
            : fault;
    }

    /// <summary>What to say about a fault, without anything that looks like a key.</summary>
    public string Reason(SynthesisFault fault, Exception error) => fault.Name == FaultClassifier.Timeout
        ? FormattableString.Invariant($"no reply within {_options.RequestTimeout.TotalSeconds:0.#} s")
            : SecretMask.Clean(fault.Message ?? $"{error.GetType().Name}: {error.Message}");

    /// <summary>How long all wait after rounds of requests that brought nothing but faults.</summary>
    public TimeSpan Backoff(int rounds)
        => TimeSpan.FromTicks((long)Math.Min(_options.RetryDelay.Ticks * Math.Pow(2, rounds - 1), _options.MaxRetryDelay.Ticks));

    /// <summary>The end of a run whose provider answers no request.</summary>
    public static SynthesisStoppedException Down(SynthesisFault fault, string what)
        => new(SynthesisStopReason.ProviderDown,
            $"The provider answers no request ({fault.Name}): {what} "
            + $"{SystemRoleAdvice.For(what) ?? "Check its address and its state."} Everything read is in the journal.");

    /// <summary>The end of a run in which every request is refused.</summary>
    /// <param name="last">The last refusal.</param>
    /// <param name="count">How many there were in a row.</param>
    public static SynthesisStoppedException RefusesAll(RequestFaultException last, int count)
        => new(SynthesisStopReason.ProviderRefuses,
            $"The provider refuses every request, {count} in a row ({last.Fault.Name}): {last.Message} "
            + $"{SystemRoleAdvice.For(last.Message) ?? Advice(last.Fault.Name)} "
            + "Everything read is in the journal; what was refused is asked again by the next run.");

    private static SynthesisStoppedException Refuses(SynthesisFault fault, string what)
        => new(SynthesisStopReason.ProviderRefuses,
            $"The provider refuses requests ({fault.Name}): {what} "
            + $"{SystemRoleAdvice.For(what) ?? Advice(fault.Name)} Everything read is in the journal.");

    private static string Advice(string fault) => fault.Split('-') switch
    {
        ["http", "401" or "403", ..] => "Check the API key and what it may use.",
        ["http", "404", ..] => "Check the name of the model and the endpoint's address.",
        ["http", "429" or "402", ..] => "The quota is used up: raise it with the provider, then run again.",
        ["http", "413" or "414", ..]
            => "The requests are too long for it: give it shorter sentences, lower ExemplarsPerRequest or SentencesPerRequest, "
            + "or give the server a longer context.",
        ["login"] => "Check the login that the client takes its token from, then run again.",
        ["http", "400" or "422", ..]
            => "The provider does not take the request as it is: try ReplyFormat.JsonText, or leave out Temperature, TopP or "
                + "MaxOutputTokens.",
        _ => "Mend the cause, then run again.",
    };

    private RetryStrategyOptions Retry(SynthesisFaultKind kind, int count) => new()
    {
        ShouldHandle = args
            => ValueTask.FromResult(args.Outcome.Exception is RequestFaultException { Fault: var fault } && fault.Kind == kind),
        MaxRetryAttempts = count,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = _options.RetryDelay,
        MaxDelay = _options.MaxRetryDelay,
        // "Retry-After: 0" is no wait at all; without one the repetitions would be used up within a second.
        DelayGenerator = args => ValueTask
            .FromResult(args.Outcome.Exception is RequestFaultException { Fault.RetryAfter: { Ticks: > 0 } wait } ? wait : (TimeSpan?)null),
    };
}

/// <summary>A request that brought no reply; seen by the retry policy, and by the caller if the provider refused it.</summary>
internal sealed class RequestFaultException(SynthesisFault fault, string message) : Exception(message)
{
    /// <summary>The rule's name for a request that the provider refused.</summary>
    public const string RefusedRule = "refused";

    /// <summary>What it means.</summary>
    public SynthesisFault Fault { get; } = fault;

    /// <summary>Of a refusal: the rule's name.</summary>
    public string Rule { get; init; } = RefusedRule;

    /// <summary>Of a refusal: the empty reply that it counts as.</summary>
    public StoredReply? Reply { get; init; }

    /// <summary>
    /// Of a refusal in this run: knows when it is decided whether the provider refuses this request or all. Null: that is decided.
    /// </summary>
    public Refusal? Refusal { get; init; }
}

/// <summary>Recognises a provider's words that a model takes no system message.</summary>
internal static class SystemRoleAdvice
{
    // Words of chat templates (Gemma, Mistral, Llama), of vLLM, OpenAI, Google, LiteLLM and others, letter case aside.
    private static readonly string[] _words =
    [
        "system role not supported", "system role is not supported", "system role is not allowed", "system message is not supported",
        "system messages are not supported",
        "system message not supported", "system prompt is not supported", "system prompts are not supported", "does not support system",
        "doesn't support system",
        "does not support 'system'", "does not support \"system\"", "does not support the system", "developer instruction is not enabled",
        "system instruction is not enabled",
        "only user and assistant roles are supported", "only user, assistant and tool roles are supported",
        "roles must alternate user/assistant", "unsupported role: system",
        "invalid role: system", "unknown role: system", "unexpected role 'system'", "unexpected role system", "role 'system' is not",
        "role \"system\" is not",
        "valid role: user, model", "use a valid role: user",
    ];

    /// <summary>What to do if the words say so; null if they do not.</summary>
    /// <param name="words">The provider's words.</param>
    public static string? For(string words)
        => _words.Any(w => words.Contains(w, StringComparison.OrdinalIgnoreCase))
            ? "The model takes no system message: set TripletSynthesisOptions.InstructionPlacement to InstructionPlacement.User "
                + "(--instructions-in-user-message)."
            : null;
}
