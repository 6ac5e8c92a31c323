using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>How many requests are under way, at most and on average. Safe to use from several threads.</summary>
internal sealed class InFlightMeter
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _idle = Idle();
    private long _arrived;
    private int _inFlight;
    private int _highest;
    private long _first;
    private long _last;
    private double _integral;

    /// <summary>How many have arrived.</summary>
    public long Arrived
    {
        get { lock (_lock) return _arrived; }
    }

    /// <summary>The most that were under way at once.</summary>
    public int Highest
    {
        get { lock (_lock) return _highest; }
    }

    /// <summary>How many are under way.</summary>
    public int InFlight
    {
        get { lock (_lock) return _inFlight; }
    }

    /// <summary>The integral of requests under way over time, divided by the time from the first arrival to the last change.</summary>
    public double Mean
    {
        get { lock (_lock) return _last > _first ? _integral / (_last - _first) : 0; }
    }

    /// <summary>Completes as soon as nothing is under way.</summary>
    public Task WhenIdle
    {
        get { lock (_lock) return _idle.Task; }
    }

    /// <summary>A request arrives; gives its ordinal, from 1.</summary>
    public long Enter()
    {
        lock (_lock)
        {
            if (_arrived == 0) _first = _last = Stopwatch.GetTimestamp();
            Step();
            if (_inFlight == 0) _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _highest = Math.Max(_highest, ++_inFlight);
            return ++_arrived;
        }
    }

    /// <summary>A request is done.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            Step();
            if (--_inFlight == 0) _idle.SetResult();
        }
    }

    private void Step()
    {
        long now = Stopwatch.GetTimestamp();
        _integral += (double)_inFlight * (now - _last);
        _last = now;
    }

    private static TaskCompletionSource Idle()
    {
        var idle = new TaskCompletionSource();
        idle.SetResult();
        return idle;
    }
}
