using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Microsoft.ML.SynCse;

/// <summary>Gets the reply to a request: from the journal, or from the provider, once, under limits, with faults repeated and everything written down.</summary>
/// <remarks>Each request that leaves is a row of its own in the journal before it leaves, and has its reply or fault there before anybody sees it.</remarks>
internal sealed class RequestSender : IDisposable
{
    // A provider that limits rates is waited for as long as it serves anybody; this many waits of one request are more than an hour.
    private const int MostThrottledRetries = 100;

    // More reply than this is no sentence; it is kept to this length and counts as cut off.
    private const int LongestReply = 200_000;

    // Fewer faults in a row than this say nothing about the provider, even where requests go one by one.
    private const int SmallestRound = 8;

    private readonly IChatClient _client;
    private readonly TripletSynthesisOptions _options;
    private readonly JournalStore _journal;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _prepared;
    private readonly ThrottleGate _throttle = new();
    private readonly ResiliencePipeline _retries;

    public RequestSender(IChatClient client, TripletSynthesisOptions options, JournalStore journal)
    {
        (_client, _options, _journal) = (client, options, journal);
        _slots = new SemaphoreSlim(options.MaxConcurrency);
        // A few requests are written down ahead, so that a slot that comes free is not empty while the journal is flushed.
        _prepared = new SemaphoreSlim(options.MaxConcurrency + Math.Max(2, options.MaxConcurrency / 4));
        var retries = new ResiliencePipelineBuilder().AddRetry(Retry(SynthesisFaultKind.Throttled, MostThrottledRetries));
        if (options.MaxRetries > 0) retries.AddRetry(Retry(SynthesisFaultKind.Transient, options.MaxRetries));
        _retries = retries.Build();
    }

    /// <summary>The reply, and what <paramref name="read"/> makes of it.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="read">Reads a reply; pure, for it is asked again when the journal is read.</param>
    /// <param name="run">The run on whose behalf.</param>
    /// <exception cref="RequestFaultException">No reply came although the request was repeated, while the provider served others.</exception>
    /// <exception cref="SynthesisStoppedException">The run has to stop.</exception>
    public async Task<ReadReply<T>> AskAsync<T>(SynthesisRequest request, Func<StoredReply, T> read, SynthesisRun run) where T : IReplyReading
    {
        if (await FindAsync(request, read).ConfigureAwait(false) is { } stored) return stored;
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await _retries.ExecuteAsync(async _ => await SendAsync(request, read, run).ConfigureAwait(false), run.Token).ConfigureAwait(false);
        }
        catch (RequestFaultException fault) when (fault.Fault.Kind == SynthesisFaultKind.Permanent || (run.LastReply < started && fault.Fault.Kind != SynthesisFaultKind.Refused))
        {
            var stopped = fault.Fault.Kind == SynthesisFaultKind.Permanent
                ? new SynthesisStoppedException(SynthesisStopReason.ProviderRefuses, $"The provider refuses requests ({fault.Fault.Name}): {fault.Message} {Advice(fault.Fault.Name)} Everything read is in the journal.")
                : Down(fault.Fault, fault.Message);
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

    /// <summary>The reply in the journal, if there is one; what is thought of it now is written down where that has changed.</summary>
    public async Task<ReadReply<T>?> FindAsync<T>(SynthesisRequest request, Func<StoredReply, T> read) where T : IReplyReading
    {
        if (await _journal.ReadAsync(tables => tables.FindReply(request.Key)).ConfigureAwait(false) is not { } stored) return null;
        var reading = read(stored);
        string? rejectedBy = Join(reading.RejectedBy);
        bool ofPairCheck = rejectedBy is null && PairCheckRunner.Rejected(stored);      // the checks come later and say so themselves
        if (rejectedBy != stored.RejectedBy && !ofPairCheck)
            await _journal.WriteAsync(tables => tables.ChangeVerdict(stored.Row, State(reading), rejectedBy, reading.Reason)).ConfigureAwait(false);
        return new(stored, reading);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _prepared.Dispose();
    }

    private static string State(IReplyReading reading) => reading.AnyAccepted ? "accepted" : "rejected";

    private static string? Join(IReadOnlyList<string> rules) => rules.Count == 0 ? null : string.Join(',', rules);

    private static string Advice(string fault) => fault switch
    {
        _ when fault.StartsWith("http-401", StringComparison.Ordinal) || fault.StartsWith("http-403", StringComparison.Ordinal) => "Check the API key and what it may use.",
        _ when fault.StartsWith("http-404", StringComparison.Ordinal) => "Check the name of the model and the endpoint's address.",
        _ when fault.StartsWith("http-429", StringComparison.Ordinal) || fault.StartsWith("http-402", StringComparison.Ordinal) => "The quota is used up: raise it with the provider, then run again.",
        _ when fault.StartsWith("http-400", StringComparison.Ordinal) => "The provider does not take the request as it is: try ReplyFormat.JsonText, or leave out Temperature, TopP or MaxOutputTokens.",
        _ => "Mend the cause, then run again.",
    };

    private RetryStrategyOptions Retry(SynthesisFaultKind kind, int count) => new()
    {
        ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is RequestFaultException { Fault: var fault } && fault.Kind == kind),
        MaxRetryAttempts = count,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = _options.RetryDelay,
        MaxDelay = _options.MaxRetryDelay,
        DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as RequestFaultException)?.Fault.RetryAfter),
    };

    private async Task<ReadReply<T>> SendAsync<T>(SynthesisRequest request, Func<StoredReply, T> read, SynthesisRun run) where T : IReplyReading
    {
        await _prepared.WaitAsync(run.Token).ConfigureAwait(false);
        try
        {
            run.ThrowIfEnded();
            var worst = new JournalTotals(1, request.InputBound, request.Options.MaxOutputTokens ?? 0);
            await _journal.Ledger.ReserveAsync(worst, _options.Limits, _options.Prices, run.Token).ConfigureAwait(false);
            var used = new JournalTotals(0, 0, 0);
            try
            {
                run.ThrowIfEnded();
                string attempt = Guid.NewGuid().ToString("N");
                var start = new AttemptStart(attempt, request.Key, request.Kind, request.Prompts, request.Model, worst.InputTokens, worst.OutputTokens, DateTimeOffset.UtcNow);
                long row = await _journal.WriteAsync(tables => tables.Begin(start)).ConfigureAwait(false);
                if (!await TakeSlotAsync(run).ConfigureAwait(false))
                {
                    await _journal.WriteAsync(tables => tables.Forget(row)).ConfigureAwait(false);
                    run.ThrowIfEnded();
                }
                used = worst;                                                   // until the journal says otherwise
                var (reply, end, fault) = await TryAsync(request, attempt, worst, run).ConfigureAwait(false);
                T reading = default!;
                if (reply is not null)
                {
                    reply = reply with { Row = row };
                    reading = read(reply);
                    end = end with { State = State(reading), RejectedBy = Join(reading.RejectedBy), Reason = reading.Reason };
                }
                await _journal.WriteAsync(tables => tables.End(row, end)).ConfigureAwait(false);
                used = new JournalTotals(1, end.InputTokens, end.OutputTokens);
                if (reply is null && run.Token.IsCancellationRequested) run.ThrowIfEnded();
                if (reply is null) throw Fault(fault!, end.Reason!);
                foreach (var rule in reading.RejectedBy) run.Rejected(rule);
                return new(reply, reading);
            }
            finally
            {
                _journal.Ledger.Settle(worst, used);
            }
        }
        finally
        {
            _prepared.Release();
        }
    }

    /// <summary>Waits until one more request may be under way and the provider has not said to wait; false where the run ended first.</summary>
    private async Task<bool> TakeSlotAsync(SynthesisRun run)
    {
        try
        {
            await _slots.WaitAsync(run.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        try
        {
            await _throttle.WaitAsync(run.Token).ConfigureAwait(false);
            if (run.Stopped is null && !run.Token.IsCancellationRequested) return true;
        }
        catch (OperationCanceledException)
        {
            // As where the run was stopped.
        }
        _slots.Release();
        return false;
    }

    /// <summary>Sends it once; a fault is a result here, because it has to be written down before it is thrown.</summary>
    private async Task<(StoredReply? Reply, AttemptEnd End, SynthesisFault? Fault)> TryAsync(SynthesisRequest request, string attempt, JournalTotals worst, SynthesisRun run)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(run.Token);
        run.Sent();
        long started = Stopwatch.GetTimestamp();
        using var activity = SynthesisTelemetry.Start(request, attempt);
        bool replied = false;
        AttemptEnd end;
        try
        {
            SynthesisAttempt.CurrentId = attempt;
            timeout.CancelAfter(_options.RequestTimeout);
            // A client that does not listen to the token is left behind; what it still brings is not waited for.
            var call = (request.Client ?? _client).GetResponseAsync(request.Messages, request.Options.Clone(), timeout.Token);
            var response = await LeaveBehind(call, timeout.Token).ConfigureAwait(false);
            replied = true;
            (var reply, end) = Replied(response, request, worst, Stopwatch.GetElapsedTime(started));
            SynthesisTelemetry.End(activity, request, end);
            return (reply, end, null);
        }
        catch (Exception error)
        {
            var fault = run.Token.IsCancellationRequested ? new SynthesisFault(SynthesisFaultKind.Permanent, "cancelled") : ReadFault(error);
            string reason = fault.Name == FaultClassifier.Timeout ? $"no reply within {_options.RequestTimeout.TotalSeconds:0.#} s" : SecretMask.Clean(fault.Message ?? $"{error.GetType().Name}: {error.Message}");
            if (fault.Kind == SynthesisFaultKind.Refused)
            {
                replied = true;
                end = Faulted(fault, reason, worst, Stopwatch.GetElapsedTime(started)) with { Fault = fault.Name, Reply = "", Finish = StoredReply.FinishFiltered };
                SynthesisTelemetry.End(activity, request, end);
                return (new StoredReply(0, "", StoredReply.FinishFiltered, end.InputTokens, end.OutputTokens), end, null);
            }
            // Before the slot is free: the next one must not go out into the same trouble.
            HoldBack(fault, run);
            end = Faulted(fault, reason, worst, Stopwatch.GetElapsedTime(started));
            SynthesisTelemetry.End(activity, request, end);
            return (null, end, fault);
        }
        finally
        {
            SynthesisAttempt.CurrentId = null;
            run.Ended(replied);
            _slots.Release();
        }
    }

    /// <summary>After a rate limit all wait as long as it says; where round after round of requests brings nothing but faults, all wait longer each time, and at last the run stops.</summary>
    private void HoldBack(SynthesisFault fault, SynthesisRun run)
    {
        if (fault.Kind == SynthesisFaultKind.Throttled) _throttle.HoldFor(fault.RetryAfter ?? TimeSpan.Zero);
        if (fault.Kind != SynthesisFaultKind.Transient) return;
        int size = Math.Max(SmallestRound, _options.MaxConcurrency), faults = run.CountFaultInARow();
        if (faults % size != 0) return;
        int rounds = faults / size;
        if (rounds > _options.MaxRetries) run.Stop(Down(fault, $"{faults} requests in a row failed."));
        else _throttle.HoldFor(TimeSpan.FromTicks((long)Math.Min(_options.RetryDelay.Ticks * Math.Pow(2, rounds - 1), _options.MaxRetryDelay.Ticks)));
    }

    private static SynthesisStoppedException Down(SynthesisFault fault, string what)
        => new(SynthesisStopReason.ProviderDown, $"The provider answers no request ({fault.Name}): {what} Check its address and its state. Everything read is in the journal.");

    private static Task<ChatResponse> LeaveBehind(Task<ChatResponse> call, CancellationToken cancellationToken)
    {
        _ = call.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return call.WaitAsync(cancellationToken);
    }

    private static (StoredReply Reply, AttemptEnd End) Replied(ChatResponse response, SynthesisRequest request, JournalTotals worst, TimeSpan took)
    {
        string text = response.Text, finish = response.FinishReason?.Value ?? "";
        if (text.Length > LongestReply) (text, finish) = (text[..LongestReply], StoredReply.FinishLength);
        // OpenAI's structured output puts a refusal beside the content, which is then empty.
        if (text.Length == 0 && response.Messages.Any(m => m.Contents.Any(c => c is ErrorContent))) finish = StoredReply.FinishRefused;
        // A request without input tokens is none: some servers send zeros for what they do not count.
        bool known = response.Usage is { InputTokenCount: > 0, OutputTokenCount: not null };
        long input = known ? response.Usage!.InputTokenCount!.Value : worst.InputTokens;
        long output = known ? response.Usage!.OutputTokenCount!.Value : request.Options.MaxOutputTokens ?? System.Text.Encoding.UTF8.GetByteCount(text);
        var end = new AttemptEnd { State = "accepted", Reply = text, Finish = finish.Length == 0 ? null : finish, InputTokens = input, OutputTokens = output, UsageKnown = known, Took = took };
        return (new StoredReply(0, text, end.Finish, input, output), end);
    }

    private static AttemptEnd Faulted(SynthesisFault fault, string reason, JournalTotals worst, TimeSpan took) => new()
    {
        State = "faulted",
        Fault = fault.Name,
        Reason = reason,
        InputTokens = fault.MayBeBilled ? worst.InputTokens : 0,
        OutputTokens = fault.MayBeBilled ? worst.OutputTokens : 0,
        UsageKnown = !fault.MayBeBilled,
        Took = took,
    };

    private SynthesisFault ReadFault(Exception error)
    {
        var fault = _options.ClassifyFault?.Invoke(error) ?? FaultClassifier.Classify(error);
        return fault.RetryAfter > _options.MaxRetryDelay
            ? fault with { Kind = SynthesisFaultKind.Permanent, Message = $"it asks to wait for {fault.RetryAfter.Value.TotalSeconds:0} s, longer than MaxRetryDelay ({_options.MaxRetryDelay.TotalSeconds:0} s)." }
            : fault;
    }

    private RequestFaultException Fault(SynthesisFault fault, string reason)
    {
        _options.Logger?.LogWarning("A request failed ({Fault}): {Reason}", fault.Name, reason);
        return new RequestFaultException(fault, reason);
    }
}
