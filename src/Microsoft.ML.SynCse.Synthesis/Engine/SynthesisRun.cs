using System.Collections.Concurrent;
using System.Diagnostics;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>What the requests of one run share: its end, its counts, the provider's last sign of life.</summary>
internal sealed class SynthesisRun : IDisposable
{
    // Replies under way when a run stops are paid for: they may still come for this long.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, long> _rejectedTexts = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenRegistration _registration;
    private readonly object _gate = new();
    private SynthesisStoppedException? _stopped;
    private bool _disposed;
    private long _requests, _faults;
    private int _inFlight, _rejectedInARow, _faultsInARow;

    public SynthesisRun(CancellationToken cancellationToken)
    {
        _end = new CancellationTokenSource();
        _registration = cancellationToken.Register(Cancel);
        Caller = cancellationToken;
    }

    /// <summary>The caller's token.</summary>
    public CancellationToken Caller { get; }

    /// <summary>Ends what is under way: the caller cancelled, or the run stopped a while ago.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>When the run began, as a time stamp.</summary>
    public long Started { get; } = Stopwatch.GetTimestamp();

    /// <summary>Why the run stopped; null while it goes on.</summary>
    public SynthesisStoppedException? Stopped
    {
        get
        {
            lock (_gate) return _stopped;
        }
    }

    /// <summary>Why a run that ended by itself gave less than was asked for; null if it did not.</summary>
    public string? Shortage { get; set; }

    /// <summary>Requests sent.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests without a reply.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Requests under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Texts rejected, by rule.</summary>
    public IReadOnlyDictionary<string, long> RejectedTexts => new SortedDictionary<string, long>(_rejectedTexts, StringComparer.Ordinal);

    /// <summary>
    /// Sentences given up in this run because their requests failed, as they are sent: their copies are not tried again before the next
    /// run.
    /// </summary>
    public ConcurrentDictionary<string, SynthesisOutcome> Faulted { get; } = new(StringComparer.Ordinal);

    /// <summary>Stops the run: nothing further is sent.</summary>
    public void Stop(SynthesisStoppedException reason)
    {
        lock (_gate)
        {
            if (_stopped is not null || _disposed) return;
            _stopped = reason;
            _end.CancelAfter(_grace);
        }
    }

    /// <summary>Throws if the run has ended.</summary>
    public void ThrowIfEnded()
    {
        Caller.ThrowIfCancellationRequested();
        if (Stopped is { } stopped) throw new SynthesisStoppedException(stopped.Reason, stopped.Message);
        Token.ThrowIfCancellationRequested();
    }

    /// <summary>What a cancellation inside the run means to its caller; another error stays what it is.</summary>
    public Exception Explain(Exception error)
    {
        if (error is not OperationCanceledException) return error;
        if (Caller.IsCancellationRequested) return new OperationCanceledException(Caller);
        return Stopped is { } stopped ? new SynthesisStoppedException(stopped.Reason, stopped.Message) : error;
    }

    /// <summary>Cancels what is under way.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (_disposed) return;
        }
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run ended at this very moment.
        }
    }

    /// <summary>A request leaves.</summary>
    public void Sent()
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _inFlight);
    }

    /// <summary>A request ended.</summary>
    public void Ended(bool withReply)
    {
        Interlocked.Decrement(ref _inFlight);
        if (withReply)
        {
            Volatile.Write(ref _faultsInARow, 0);
        }
        else
        {
            Interlocked.Increment(ref _faults);
        }
    }

    /// <summary>A request failed; returns how many did since the last reply.</summary>
    public int CountFaultInARow() => Interlocked.Increment(ref _faultsInARow);

    /// <summary>A text was rejected.</summary>
    public void Rejected(string rule)
    {
        _rejectedTexts.AddOrUpdate(rule, 1, (_, count) => count + 1);
        SynthesisTelemetry.Rejected(rule);
    }

    /// <summary>A sentence has its outcome; returns how many that were asked for were rejected in a row.</summary>
    public int Count(bool accepted)
    {
        if (!accepted) return Interlocked.Increment(ref _rejectedInARow);
        Volatile.Write(ref _rejectedInARow, 0);
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        lock (_gate) _disposed = true;
        _end.Dispose();
    }
}
