namespace Microsoft.ML.SynCse.Synthesis.Requests;

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
