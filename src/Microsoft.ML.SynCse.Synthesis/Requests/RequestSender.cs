using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>Gets the reply to a request: from the journal, or from the provider, once, under limits, with faults repeated and everything written down.</summary>
/// <remarks>Each request that leaves is a row of its own in the journal before it leaves, and has its reply or fault there before anybody sees it.</remarks>
internal sealed class RequestSender : IDisposable
{
    // More reply than this is no sentence; it is kept to this length and counts as cut off.
    private const int LongestReply = 200_000;

    // Fewer faults in a row than this say nothing about the provider, even where requests go one by one.
    private const int SmallestRound = 8;

    private readonly IChatClient _client;
    private readonly TripletSynthesisOptions _options;
    private readonly JournalStore _journal;
    private readonly SemaphoreSlim _slots;
    private readonly OrderedGate _ahead;
    private readonly ThrottleGate _throttle = new();
    private readonly FaultPolicy _faults;
    private readonly RefusalWatch _refusals;

    public RequestSender(IChatClient client, TripletSynthesisOptions options, JournalStore journal, FaultPolicy faults,
        RefusalWatch refusals)
    {
        (_client, _options, _journal, _faults, _refusals) = (client, options, journal, faults, refusals);
        HttpTapListener.Join();
        _slots = new SemaphoreSlim(options.MaxConcurrency);
        // Some requests are written down ahead, so that a slot that comes free is not empty while the journal is flushed; not more, for what is written down counts as sent if the process is killed.
        _ahead = new OrderedGate(Math.Max(2, options.MaxConcurrency / 4));
    }

    /// <summary>The reply, and what <paramref name="read"/> makes of it.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="read">Reads a reply; pure, for it is asked again when the journal is read.</param>
    /// <param name="run">The run on whose behalf.</param>
    /// <exception cref="RequestFaultException">No reply came although the request was repeated, or the provider refuses it, now or in the
    /// journal, while it served others.</exception>
    /// <exception cref="SynthesisStoppedException">The run has to stop.</exception>
    public async Task<ReadReply<T>> AskAsync<T>(SynthesisRequest request, Func<StoredReply, T> read, SynthesisRun run) where T : IReplyReading
    {
        var key = BinaryPrimitives.ReadUInt128BigEndian(request.Key);
        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_journal.UnderWay.GetOrAdd(key, own) is var other && other != own) await other.Task.WaitAsync(run.Token).ConfigureAwait(false);
        try
        {
            return await FindAsync(request, read).ConfigureAwait(false) ?? await _faults.RepeatAsync(() => SendAsync(request, read, run), run).ConfigureAwait(false);
        }
        finally
        {
            _journal.UnderWay.TryRemove(KeyValuePair.Create(key, own));
            own.TrySetResult();
        }
    }

    /// <summary>The reply in the journal, if there is one; what is thought of it now is written down where that has changed.</summary>
    /// <exception cref="RequestFaultException">The journal knows that the provider refuses the request.</exception>
    public async Task<ReadReply<T>?> FindAsync<T>(SynthesisRequest request, Func<StoredReply, T> read) where T : IReplyReading
    {
        if (await _journal.ReadAsync(tables => tables.FindReply(request.Key)).ConfigureAwait(false) is not { } stored) return null;
        if (stored.Refused is { } refused) throw new RequestFaultException(refused, refused.Message ?? "") { Reply = stored };
        var reading = read(stored);
        string? rejectedBy = Join(reading.RejectedBy);
        bool ofPairCheck = rejectedBy is null && _options.PairChecks.Any(check => stored.RejectedBy == PairCheckRunner.RulePrefix + check.Name);     // the checks come later and say so themselves
        if (rejectedBy != stored.RejectedBy && !ofPairCheck)
            await _journal.WriteAsync(tables => tables.ChangeVerdict(stored.Row, State(reading), rejectedBy, reading.Reason)).ConfigureAwait(false);
        return new(stored, reading);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        HttpTapListener.Leave();
        _slots.Dispose();
    }

    private static string State(IReplyReading reading) => reading.AnyAccepted ? "accepted" : "rejected";

    private static string? Join(IReadOnlyList<string> rules) => rules.Count == 0 ? null : string.Join(',', rules);

    private async Task<ReadReply<T>> SendAsync<T>(SynthesisRequest request, Func<StoredReply, T> read, SynthesisRun run,
        bool isProbe = false) where T : IReplyReading
    {
        var worst = new JournalTotals(1, request.InputBound, request.Options.MaxOutputTokens ?? 0);
        JournalTotals reserved = default, used = default;
        // A probe goes out in the place of the one that waits for it.
        var lane = isProbe ? null : _refusals.Of(request);
        RefusalLane? inLane = null;
        try
        {
            string attempt = Guid.NewGuid().ToString("N");
            long row = 0;
            if (!isProbe) await _ahead.EnterAsync(request.Position, run.Token).ConfigureAwait(false);
            try
            {
                run.ThrowIfEnded();
                await _journal.Ledger.ReserveAsync(worst, _options.Limits, _options.Prices, mayWait: !isProbe, run.Token)
                    .ConfigureAwait(false);
                reserved = worst;
                row = await BeginAsync(request, attempt, worst, lane, run).ConfigureAwait(false);
            }
            finally
            {
                if (!isProbe) _ahead.Leave();
            }
            inLane = lane;
            used = worst;                                                       // until the journal says otherwise
            using var activity = SynthesisTelemetry.Start(request, attempt);
            var (reply, end, fault) = await TryAsync(request, attempt, worst, lane is not null, run).ConfigureAwait(false);
            if (reply is not null)
            {
                inLane = null;
                if (lane is not null) await _refusals.ServedAsync(lane, request).ConfigureAwait(false);
                var answer = await KeepAsync(reply with { Row = row }, end, read).ConfigureAwait(false);
                SynthesisTelemetry.End(activity, request, end with { State = State(answer.Reading) });
                used = new JournalTotals(1, end.InputTokens, end.OutputTokens);
                foreach (var rule in answer.Reading.RejectedBy) run.Rejected(rule);
                return answer;
            }
            var failed = new RequestFaultException(fault!,
                end.Reason!)
            { Reply = new StoredReply(row, "", StoredReply.FinishFiltered, end.InputTokens, end.OutputTokens) };
            if (fault!.Kind == SynthesisFaultKind.Refused && lane is not null)
            {
                inLane = null;
                failed = new RequestFaultException(fault, end.Reason!) { Reply = failed.Reply, Refusal = lane.Refused(failed) };
                run.Rejected(RequestFaultException.RefusedRule);
            }
            SynthesisTelemetry.End(activity, request, end);
            await _journal.WriteAsync(tables => tables.End(row, end)).ConfigureAwait(false);
            used = new JournalTotals(1, end.InputTokens, end.OutputTokens);
            if (run.Token.IsCancellationRequested) run.ThrowIfEnded();
            _options.Logger?.LogWarning("A request failed ({Fault}): {Reason}", fault.Name, end.Reason);
            if (failed.Refusal is { } refusal)
            {
                // From then on it is a rejected reply, which no later run asks for again.
                var final = end with
                {
                    State = "rejected",
                    RejectedBy = RequestFaultException.RefusedRule,
                    Reply = "",
                    Finish = StoredReply.FinishFiltered
                };
                await _refusals.DeferAsync(refusal, tables => tables.End(row, final)).ConfigureAwait(false);
            }
            throw failed;
        }
        finally
        {
            inLane?.Failed();
            _journal.Ledger.Settle(reserved, used);
        }
    }

    /// <summary>Asks a request again that was answered before; false where it is refused now. A provider that does not answer it at all, repetitions included, ends the run.</summary>
    private async Task<bool> ProbeAsync(SynthesisRequest answered, SynthesisRun run)
    {
        // Not its own key: the reply that the journal has for it stays the one that counts.
        var request = answered with { Kind = "probe", Key = SHA256.HashData(answered.Key) };
        try
        {
            await _faults.RepeatAsync(() => SendAsync(request, static _ => new ProbeReading(), run, isProbe: true), run)
                .ConfigureAwait(false);
            return true;
        }
        catch (RequestFaultException fault)
        {
            if (fault.Fault.Kind != SynthesisFaultKind.Refused) run.Stop(FaultPolicy.Down(fault.Fault, fault.Message));
            return false;
        }
    }

    /// <summary>Writes the request down and waits for its turn; one whose turn does not come leaves no trace.</summary>
    private async Task<long> BeginAsync(SynthesisRequest request, string attempt, JournalTotals worst, RefusalLane? lane, SynthesisRun run)
    {
        run.ThrowIfEnded();
        var start = new AttemptStart(attempt, request.Key, request.Kind, request.Prompts, request.Model, worst.InputTokens, worst.OutputTokens, DateTimeOffset.UtcNow);
        long row = await _journal.WriteAsync(tables => tables.Begin(start)).ConfigureAwait(false);
        bool mayLeave = false;
        try
        {
            mayLeave = lane is null ? await IsTurnAsync(run).ConfigureAwait(false) : await TakeSlotAsync(lane, run).ConfigureAwait(false);
        }
        finally
        {
            if (!mayLeave) await _journal.WriteAsync(tables => tables.Forget(row)).ConfigureAwait(false);
        }
        if (mayLeave) return row;
        run.ThrowIfEnded();
        throw new OperationCanceledException(run.Token);
    }

    /// <summary>Writes a reply down with what is thought of it.</summary>
    private async Task<ReadReply<T>> KeepAsync<T>(StoredReply reply, AttemptEnd end, Func<StoredReply, T> read) where T : IReplyReading
    {
        T reading;
        try
        {
            reading = read(reply);
        }
        catch (Exception error)
        {
            // A user's rule failed; the reply is paid for all the same, and is read again when the rule is mended.
            var failed = end with { State = "rejected", RejectedBy = "failed-rule", Reason = SecretMask.Clean(error.Message) };
            await _journal.WriteAsync(tables => tables.End(reply.Row, failed)).ConfigureAwait(false);
            throw;
        }
        var judged = end with { State = State(reading), RejectedBy = Join(reading.RejectedBy), Reason = reading.Reason };
        await _journal.WriteAsync(tables => tables.End(reply.Row, judged)).ConfigureAwait(false);
        return new(reply, reading);
    }

    /// <summary>
    /// Waits until one more request may be under way, it is not held back for refusals, and the provider has not said to wait; false where
    /// the run ended first.
    /// </summary>
    private async Task<bool> TakeSlotAsync(RefusalLane lane, SynthesisRun run)
    {
        try
        {
            await _slots.WaitAsync(run.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        bool inLane = false, mayLeave = false;
        try
        {
            await _refusals.EnterAsync(lane, answered => ProbeAsync(answered, run), run).ConfigureAwait(false);
            inLane = true;
            mayLeave = await IsTurnAsync(run).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // As where the run was stopped.
        }
        finally
        {
            if (!mayLeave)
            {
                if (inLane) lane.Failed();
                _slots.Release();
            }
        }
        return mayLeave;
    }

    /// <summary>Waits as long as the provider has said; false where the run ended first.</summary>
    private async Task<bool> IsTurnAsync(SynthesisRun run)
    {
        try
        {
            await _throttle.WaitAsync(run.Token).ConfigureAwait(false);
            return run.Stopped is null && !run.Token.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends it once; a fault is a result here, because it has to be written down before it is thrown.</summary>
    private async Task<(StoredReply? Reply, AttemptEnd End, SynthesisFault? Fault)> TryAsync(SynthesisRequest request, string attempt,
        JournalTotals worst, bool hasSlot, SynthesisRun run)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(run.Token);
        run.Sent();
        long started = Stopwatch.GetTimestamp();
        bool replied = false;
        var tap = HttpTap.Begin();
        try
        {
            SynthesisAttempt.CurrentId = attempt;
            timeout.CancelAfter(_options.RequestTimeout);
            // A client that does not listen to the token is left behind; what it still brings is not waited for.
            var call = (request.Client ?? _client).GetResponseAsync(request.Messages, request.Options.Clone(), timeout.Token);
            var response = await LeaveBehind(call, timeout.Token).ConfigureAwait(false);
            if (response.Text.Length == 0 && ProviderError.ReadWithinSuccess(tap.Body) is not null)
                throw new InvalidDataException("The body holds an error in the place of a reply.");
            return Answered(response);
        }
        catch (Exception error)
        {
            var fault = run.Token.IsCancellationRequested
                ? new SynthesisFault(SynthesisFaultKind.Permanent, "cancelled") : _faults.Read(error, tap);
            if (fault.Name is FaultClassifier.Unreadable or FaultClassifier.UnknownFinish && RawCompletion.Read(tap) is { } thrownAway)
                return Answered(thrownAway);
            string reason = _faults.Reason(fault, error);
            replied = fault.Kind == SynthesisFaultKind.Refused;
            // Before the slot is free: the next one must not go out into the same trouble.
            HoldBack(fault, reason, run);
            return (null, Faulted(fault, reason, worst, Stopwatch.GetElapsedTime(started)), fault);
        }
        finally
        {
            SynthesisAttempt.CurrentId = null;
            run.Ended(replied);
            if (hasSlot) _slots.Release();
        }

        (StoredReply?, AttemptEnd, SynthesisFault?) Answered(ChatResponse response)
        {
            var (reply, end) = Replied(response, request, worst, Stopwatch.GetElapsedTime(started), tap);
            if (FinishWord.Fault(end.Finish) is not { } passing)
            {
                replied = true;
                return (reply, end, null);
            }
            HoldBack(passing, passing.Message!, run);
            return (null, end with { State = "faulted", Fault = passing.Name, Reason = passing.Message, Reply = null }, passing);
        }
    }

    /// <summary>After a rate limit all wait as long as it says; where round after round of requests brings nothing but faults, all wait longer each time, and at last the run stops.</summary>
    private void HoldBack(SynthesisFault fault, string reason, SynthesisRun run)
    {
        if (fault.Kind == SynthesisFaultKind.Throttled) _throttle.HoldFor(fault.RetryAfter ?? TimeSpan.Zero);
        if (fault.Kind != SynthesisFaultKind.Transient) return;
        int size = Math.Max(SmallestRound, _options.MaxConcurrency), faults = run.CountFaultInARow();
        if (faults % size != 0) return;
        int rounds = faults / size;
        if (rounds > _options.MaxRetries) run.Stop(FaultPolicy.Down(fault,
            $"{faults} requests in a row failed, the last one with: {reason}"));
        else _throttle.HoldFor(_faults.Backoff(rounds));
    }

    /// <summary>Waits for a call, but not for one that does not listen to its token.</summary>
    internal static Task<T> LeaveBehind<T>(Task<T> call, CancellationToken cancellationToken)
    {
        _ = call.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return call.WaitAsync(cancellationToken);
    }

    private static (StoredReply Reply, AttemptEnd End) Replied(ChatResponse response, SynthesisRequest request, JournalTotals worst,
        TimeSpan took, HttpTap tap)
    {
        string text = response.Text, finish = response.FinishReason?.Value ?? "";
        if (FinishWord.KindOf(finish) == FinishKind.Cut && ReasoningTook(response, text, tap)) finish = StoredReply.FinishReasoning;
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

    // A reply that was cut, and of which most was thinking: where nothing was written, unless usage says that none of it was, for many
    // servers do not count it; else as usage says. What stands in the text itself is read with it (ReplyAnswer).
    private static bool ReasoningTook(ChatResponse response, string text, HttpTap tap)
    {
        bool thinks = response.Messages.Any(m => m.Contents.Any(c => c is TextReasoningContent));
        if (string.IsNullOrWhiteSpace(text))
            return thinks || response.Usage?.ReasoningTokenCount is not 0 || RawCompletion.LacksReasoningCount(tap);
        return response.Usage is { ReasoningTokenCount: { } reasoning, OutputTokenCount: { } output } && 2 * reasoning > output;
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

    private sealed record ProbeReading : IReplyReading
    {
        public bool AnyAccepted => true;

        public IReadOnlyList<string> RejectedBy => [];

        public string? Reason => null;
    }
}
