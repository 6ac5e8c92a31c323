using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// Lets a number of callers in at a time, those of the earliest sentences first: sentences that were begun are finished before others are
/// begun.
/// </summary>
internal sealed class OrderedGate(int places)
{
    private readonly object _gate = new();
    private readonly PriorityQueue<TaskCompletionSource<bool>, (long Position, long Arrival)> _waiting = new();
    private int _free = places;
    private long _arrivals;

    /// <summary>Waits for a place.</summary>
    /// <param name="position">The sentence's place in the input; the least goes first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task EnterAsync(long position, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> turn;
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_free > 0)
            {
                _free--;
                return;
            }
            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn, (position, _arrivals++));
        }
        // One that has given up stays in the queue and is passed over when its turn comes.
        using var registration = cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false),
            turn);
        if (!await turn.Task.ConfigureAwait(false)) throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var turn, out _))
            {
                if (turn.TrySetResult(true)) return;
            }
            _free++;
        }
    }
}

/// <summary>Holds all requests back while a provider has said to wait.</summary>
internal sealed class ThrottleGate
{
    private readonly object _gate = new();
    private DateTime _until = DateTime.MinValue;

    /// <summary>From now on nothing is sent for this time, or longer if that was said before.</summary>
    public void HoldFor(TimeSpan time)
    {
        var until = DateTime.UtcNow + time;
        lock (_gate)
        {
            if (until > _until) _until = until;
        }
    }

    /// <summary>Returns when sending is allowed.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (Left() is { Ticks: > 0 } left) await Task.Delay(left, cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan Left()
    {
        lock (_gate) return _until - DateTime.UtcNow;
    }
}

/// <summary>What a journal's requests used, and what those under way may still use: a limit is compared with both together.</summary>
internal sealed class SpendLedger(JournalTotals used)
{
    private readonly object _gate = new();
    private JournalTotals _used = used;
    private JournalTotals _reserved;
    private TaskCompletionSource _settled = NewSignal();

    /// <summary>What was used so far.</summary>
    public JournalTotals Used
    {
        get
        {
            lock (_gate) return _used;
        }
    }

    /// <summary>Sets the worst case of a request aside; waits while only requests under way stand in the way.</summary>
    /// <param name="worst">What it can use at most.</param>
    /// <param name="limits">The limits; null: none.</param>
    /// <param name="prices">Prices, if there is a limit on cost.</param>
    /// <param name="mayWait">False: those under way wait for this request in their turn, so that it must not wait for them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SynthesisStoppedException">The request does not fit in any more; or not now, and may not wait.</exception>
    public async Task ReserveAsync(
        JournalTotals worst, SynthesisLimits? limits, TokenPrices? prices, bool mayWait, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task settled;
            lock (_gate)
            {
                var (limit, ifAlone) = limits is null ? default : Passed(worst, limits, prices);
                if (limit is null)
                {
                    _reserved = Add(_reserved, worst, 1);
                    return;
                }
                if (ifAlone || !mayWait)
                {
                    throw new SynthesisStoppedException(SynthesisStopReason.LimitReached,
                        $"The limit {limit} is reached: the next request could pass it. Everything read is in the journal; raise the "
                            + "limit and run again to go on.");
                }
                settled = _settled.Task;
            }
            await settled.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts what a request used in the place of what was reserved for it.</summary>
    public void Settle(JournalTotals reserved, JournalTotals used)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            _reserved = Add(_reserved, reserved, -1);
            _used = Add(_used, used, 1);
            (signal, _settled) = (_settled, NewSignal());
        }
        signal.TrySetResult();
    }

    /// <summary>The first limit that the request would pass beside those under way, and whether it would do so alone.</summary>
    private (string? Limit, bool IfAlone) Passed(JournalTotals worst, SynthesisLimits limits, TokenPrices? prices)
    {
        var alone = Add(_used, worst, 1);
        var all = Add(alone, _reserved, 1);
        return FirstPassed(alone, limits, prices) is { } limit ? (limit, true) : (FirstPassed(all, limits, prices), false);
    }

    private static string? FirstPassed(JournalTotals total, SynthesisLimits limits, TokenPrices? prices)
        => total.Requests > limits.MaxRequests ? $"MaxRequests = {limits.MaxRequests}"
        : total.InputTokens > limits.MaxInputTokens ? $"MaxInputTokens = {limits.MaxInputTokens}"
        : total.OutputTokens > limits.MaxOutputTokens ? $"MaxOutputTokens = {limits.MaxOutputTokens}"
        : prices?.Cost(total.InputTokens, total.OutputTokens) > limits.MaxCost ? FormattableString.Invariant($"MaxCost = {limits.MaxCost}")
        : null;

    private static JournalTotals Add(JournalTotals a, JournalTotals b, int sign)
        => new(a.Requests + sign * b.Requests, a.InputTokens + sign * b.InputTokens, a.OutputTokens + sign * b.OutputTokens);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
