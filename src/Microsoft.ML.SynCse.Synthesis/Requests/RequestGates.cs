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

    /// <summary>From now on nothing is sent for this time, or longer where that was said before.</summary>
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
