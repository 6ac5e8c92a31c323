using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A token that ends with the caller's token or with <c>MLContext.CancelExecution()</c>, which ML.NET offers only as a flag to
/// poll.</summary>
/// <remarks>
/// It is polled on a timer's thread, where an exception ends the process. What the host's flag throws, and what code throws that is
/// notified of the cancellation there (a chat client's registration on the token, say), is kept as the <see cref="Cause"/>: the token ends,
/// and the caller gets both in one exception (<see cref="Explain"/>). Such code may take its time, or wait for the thread that was
/// cancelled, so every wait for it has a limit.
/// </remarks>
internal sealed class HostCancellation : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    // Left to the garbage collector: it holds nothing but memory, and a notification that still runs uses it.
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _caller;
    private readonly Timer _timer;
    private readonly Func<bool> _isCanceled;
    private readonly object _gate = new();                              // held by the poll, also while it notifies others
    private volatile Exception? _cause;
    private volatile bool _disposed;

    public HostCancellation(IHostEnvironment environment, CancellationToken cancellationToken)
        : this(() => MLNetEnvironment.IsCanceled(environment), cancellationToken)
    {
    }

    /// <summary>The same over any flag.</summary>
    internal HostCancellation(Func<bool> isCanceled, CancellationToken cancellationToken)
    {
        _isCanceled = isCanceled;
        _caller = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        Poll();
        _timer = new Timer(_ => Poll(), null, _interval, _interval);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What failed in asking for the cancellation or in telling of it; null where nothing did.</summary>
    public Exception? Cause
    {
        get
        {
            // The work may have ended during the notifications; one that does not return is not waited for.
            if (_cause is null && Monitor.TryEnter(_gate, _patience)) Monitor.Exit(_gate);
            return _cause;
        }
    }

    /// <summary>The exception that a cancelled call ends with: its own, or where something failed beside it, one that says so.</summary>
    public OperationCanceledException Explain(OperationCanceledException error)
        => Cause is not { } cause ? error : new($"{error.Message} {What(cause)}", cause, error.CancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
        // Disposed, the registration would wait for a cancellation that the caller is at.
        _caller.Unregister();
    }

    private void Poll()
    {
        // The next tick does not wait for one that runs long because it notifies others.
        if (!Monitor.TryEnter(_gate)) return;
        try
        {
            if (_disposed || _source.IsCancellationRequested) return;
            if (IsCanceled()) _source.Cancel();
        }
        catch (Exception error)
        {
            _cause ??= error is AggregateException { InnerExceptions: [var only] } ? only : error;
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    // A host that cannot be asked any more can not cancel any more either: the work ends rather than go on unseen.
    private bool IsCanceled()
    {
        try
        {
            return _isCanceled();
        }
        catch (Exception error)
        {
            _cause = error;
            return true;
        }
    }

    private static string What(Exception cause)
        => $"Beside it, {cause.GetType().Name} was thrown while the cancellation was asked for or passed on: {cause.Message}";
}
