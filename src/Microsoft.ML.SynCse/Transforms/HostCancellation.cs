using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>A token that ends with the caller's token or with <c>MLContext.CancelExecution()</c>, which ML.NET offers only as a flag to poll.</summary>
internal sealed class HostCancellation : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _source;
    private readonly Timer _timer;
    private readonly object _gate = new();
    private bool _disposed;

    public HostCancellation(IHostEnvironment environment, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Poll(environment);
        _timer = new Timer(_ => Poll(environment), null, Interval, Interval);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        _timer.Dispose();
        _source.Dispose();
    }

    private void Poll(IHostEnvironment environment)
    {
        // A tick may still run while the timer is disposed; it must not touch a disposed source.
        lock (_gate)
        {
            if (!_disposed && MLNetEnvironment.IsCanceled(environment)) _source.Cancel();
        }
    }
}
