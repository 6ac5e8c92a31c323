using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// Gets the reply to a request: from the journal, or from the provider, once, under limits, with faulted requests repeated and everything
/// written down.
/// </summary>
/// <remarks>
/// Each request that leaves has a row of its own in the journal before it leaves, and its reply or fault is there before any caller gets
/// it.
/// </remarks>
internal sealed class RequestSender : IDisposable
{
    // Fewer faults in a row than this say nothing about the provider, even if requests go one by one.
    private const int SmallestRound = 8;

    private readonly TripletSynthesisOptions _options;
    private readonly JournalStore _journal;
    private readonly SemaphoreSlim _slots;
    private readonly OrderedGate _ahead;
    private readonly ThrottleGate _throttle = new();
    private readonly FaultPolicy _faults;
    private readonly RefusalWatch _refusals;
    private readonly ProviderCall _call;

    public RequestSender(IChatClient client, TripletSynthesisOptions options, JournalStore journal, FaultPolicy faults,
        RefusalWatch refusals)
    {
        (_options, _journal, _faults, _refusals) = (options, journal, faults, refusals);
        _call = new ProviderCall(client, options, faults);
        HttpTapListener.Join();
        _slots = new SemaphoreSlim(options.MaxConcurrency);
        // Some requests are written down ahead, so that a slot that comes free is not empty while the journal is flushed. Not more: what is
        // written down counts as sent if the process is killed.
        _ahead = new OrderedGate(Math.Max(2, options.MaxConcurrency / 4));
    }

    /// <summary>The reply, and what <paramref name="read"/> reads out of it.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="read">Reads a reply; pure, because it is called again when the journal is read.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="RequestFaultException"> No reply came although the request was repeated, or the provider refuses it, now or in the
    /// journal, while it served others.
    /// </exception>
    /// <exception cref="SynthesisStoppedException">The run has to stop.</exception>
    public async Task<(StoredReply Reply, T Value)> AskAsync<T>(
        SynthesisRequest request, Func<StoredReply, ReplyReading<T>> read, SynthesisRun run)
    {
        var key = BinaryPrimitives.ReadUInt128BigEndian(request.Key);
        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_journal.UnderWay.GetOrAdd(key, own) is var other && other != own)
            await other.Task.WaitAsync(run.Token).ConfigureAwait(false);
        try
        {
            return await FindAsync(request, read).ConfigureAwait(false)
                ?? await _faults.RepeatAsync(() => SendAsync(request, read, run), run).ConfigureAwait(false);
        }
        finally
        {
            _journal.UnderWay.TryRemove(KeyValuePair.Create(key, own));
            own.TrySetResult();
        }
    }

    /// <summary>The reply in the journal; null if there is none. If its verdict is another one now, that is written down.</summary>
    /// <exception cref="RequestFaultException">The journal knows that the provider refuses the request.</exception>
    public async Task<(StoredReply Reply, T Value)?> FindAsync<T>(SynthesisRequest request, Func<StoredReply, ReplyReading<T>> read)
    {
        if (await _journal.ReadAsync(tables => tables.FindReply(request.Key)).ConfigureAwait(false) is not { } stored) return null;
        if (stored.Refused is { } refused) throw new RequestFaultException(refused, refused.Message ?? "") { Reply = stored };
        var reading = read(stored);
        string? rejectedBy = Join(reading.RejectedBy);
        // Pair checks come later and write their verdict themselves.
        bool ofPairCheck = rejectedBy is null
            && _options.PairChecks.Any(check => stored.RejectedBy == PairCheckRunner.RulePrefix + check.Name);
        if (rejectedBy != stored.RejectedBy && !ofPairCheck)
        {
            await _journal.WriteAsync(tables => tables.ChangeVerdict(stored.Row, State(reading), rejectedBy, reading.Reason))
                .ConfigureAwait(false);
        }
        return (stored, reading.Value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        HttpTapListener.Leave();
        _slots.Dispose();
    }

    private static AttemptState State<T>(ReplyReading<T> reading) => reading.AnyAccepted ? AttemptState.Accepted : AttemptState.Rejected;

    private static string? Join(IReadOnlyList<string> rules) => rules.Count == 0 ? null : string.Join(',', rules);

    private async Task<(StoredReply Reply, T Value)> SendAsync<T>(
        SynthesisRequest request, Func<StoredReply, ReplyReading<T>> read, SynthesisRun run, bool isProbe = false)
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
            var (reply, end, fault) = await CallAsync(request, attempt, worst, lane is not null, run).ConfigureAwait(false);
            if (reply is not null)
            {
                inLane = null;
                if (lane is not null) await _refusals.ServedAsync(lane, request).ConfigureAwait(false);
                reply = reply with { Row = row };
                var reading = await KeepAsync(reply, end, read).ConfigureAwait(false);
                SynthesisTelemetry.End(activity, request, end with { State = State(reading) });
                used = new JournalTotals(1, end.InputTokens, end.OutputTokens);
                foreach (string rule in reading.RejectedBy) run.Rejected(rule);
                return (reply, reading.Value);
            }
            var empty = new StoredReply(row, "", StoredReply.FinishFiltered, end.InputTokens, end.OutputTokens);
            var failed = new RequestFaultException(fault!, end.Reason!) { Reply = empty };
            if (fault!.Kind == SynthesisFaultKind.Refused && lane is not null)
            {
                inLane = null;
                failed = new RequestFaultException(fault, end.Reason!) { Reply = empty, Refusal = lane.Refused(failed) };
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
                    State = AttemptState.Rejected,
                    RejectedBy = RequestFaultException.RefusedRule,
                    Reply = "",
                    Finish = StoredReply.FinishFiltered,
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

    /// <summary>
    /// Sends a request again that was answered before; false if it is refused now. A provider that does not answer it at all, repetitions
    /// included, ends the run.
    /// </summary>
    private async Task<bool> ProbeAsync(SynthesisRequest answered, SynthesisRun run)
    {
        // Not its own key: the reply that the journal has for it stays the one that counts.
        var request = answered with { Kind = RequestKind.Probe, Key = SHA256.HashData(answered.Key) };
        try
        {
            await _faults.RepeatAsync(
                () => SendAsync(request, static _ => new ReplyReading<bool>(true, true, [], null), run, isProbe: true), run)
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
        var start = new AttemptStart(attempt, request.Key, request.Kind, request.Prompts, request.Model, worst.InputTokens,
            worst.OutputTokens,
            DateTimeOffset.UtcNow);
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

    /// <summary>Reads a reply and writes it down with its verdict.</summary>
    private async Task<ReplyReading<T>> KeepAsync<T>(StoredReply reply, AttemptEnd end, Func<StoredReply, ReplyReading<T>> read)
    {
        ReplyReading<T> reading;
        try
        {
            reading = read(reply);
        }
        catch (Exception error)
        {
            // A user's rule failed; the reply is paid for all the same, and is read again after the rule is corrected.
            var failed = end with { State = AttemptState.Rejected, RejectedBy = "failed-rule", Reason = SecretMask.Clean(error.Message) };
            await _journal.WriteAsync(tables => tables.End(reply.Row, failed)).ConfigureAwait(false);
            throw;
        }
        var judged = end with { State = State(reading), RejectedBy = Join(reading.RejectedBy), Reason = reading.Reason };
        await _journal.WriteAsync(tables => tables.End(reply.Row, judged)).ConfigureAwait(false);
        return reading;
    }

    /// <summary>
    /// Waits until one more request may be under way, it is not held back for refusals, and the provider has not said to wait; false if the
    /// run ended first.
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
            // The run ended, as when it is stopped.
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

    /// <summary>Waits as long as the provider has said; false if the run ended first.</summary>
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

    /// <summary>Sends a request once and gives its slot back.</summary>
    private async Task<(StoredReply? Reply, AttemptEnd End, SynthesisFault? Fault)> CallAsync(
        SynthesisRequest request, string attempt, JournalTotals worst, bool hasSlot, SynthesisRun run)
    {
        run.Sent();
        bool replied = false;
        try
        {
            var called = await _call.SendAsync(request, attempt, worst, run).ConfigureAwait(false);
            replied = called.Fault is null or { Kind: SynthesisFaultKind.Refused };
            // Before the slot is free: the next request must not go out into the same trouble.
            if (called.Fault is not null) HoldBack(called.Fault, called.End.Reason!, run);
            return called;
        }
        finally
        {
            run.Ended(replied);
            if (hasSlot) _slots.Release();
        }
    }

    /// <summary>
    /// After a rate limit all requests wait as long as it says. If round after round of requests brings nothing but faults, all wait longer
    /// each time, and at last the run stops.
    /// </summary>
    private void HoldBack(SynthesisFault fault, string reason, SynthesisRun run)
    {
        if (fault.Kind == SynthesisFaultKind.Throttled) _throttle.HoldFor(fault.RetryAfter ?? TimeSpan.Zero);
        if (fault.Kind != SynthesisFaultKind.Transient) return;
        int size = Math.Max(SmallestRound, _options.MaxConcurrency), faults = run.CountFaultInARow();
        if (faults % size != 0) return;
        int rounds = faults / size;
        if (rounds > _options.MaxRetries)
            run.Stop(FaultPolicy.Down(fault, $"{faults} requests in a row failed, the last one with: {reason}"));
        else
            _throttle.HoldFor(_faults.Backoff(rounds));
    }
}
