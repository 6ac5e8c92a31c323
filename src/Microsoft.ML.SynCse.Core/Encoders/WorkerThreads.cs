using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Threads that stay alive for one kind of work, and do it in the order in which it came.</summary>
/// <remarks>
/// The C library gives every thread that computes a heap of its own. What a native library frees on one thread is not used again on
/// another, so work that moves over the threads of the pool grows by a heap with each of them. On threads that stay, memory stays flat.
/// Calls at the same time share the threads piece by piece, so a short one does not wait for a long one.
/// </remarks>
/// <param name="name">The name of the threads.</param>
/// <param name="begin">Runs on each thread before its first piece of work. Default: nothing.</param>
internal sealed class WorkerThreads(string name, Action? begin = null) : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly object _gate = new();
    private int _threads;

    /// <summary>Starts threads until there are at least so many; returns when they have begun.</summary>
    /// <returns>Whether a thread was started.</returns>
    public bool Ensure(int count)
    {
        if (Volatile.Read(ref _threads) >= count) return false;
        lock (_gate)
        {
            bool started = _threads < count;
            for (; _threads < count; _threads++) Start();
            return started;
        }
    }

    /// <summary>Does one piece of work on the first thread that is free; its result or its exception comes back.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        Ensure(1);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }

    /// <summary>Does pieces of work side by side. Returns when all are done, or, after an error or a cancellation, when those that were
    /// begun are done.</summary>
    /// <param name="workers">How many threads may work for this call.</param>
    /// <param name="count">How many pieces there are.</param>
    /// <param name="work">Does one piece, on a worker.</param>
    /// <param name="done">Is called for each piece that is done, on the calling thread, in any order.</param>
    /// <param name="cancellationToken">Checked before each piece.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled before the last piece was begun.</exception>
    public void Run(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Ensure(workers);
        using var finished = new BlockingCollection<(int Piece, Exception? Error)>();
        Exception? failure = null;
        int begun = 0, pending = 0;
        // Each worker has its next piece waiting, so that none is idle while the calling thread runs `done`.
        while (begun < Math.Min(2 * workers, count)) Begin();
        while (pending > 0)
        {
            var (piece, error) = finished.Take(CancellationToken.None);
            pending--;
            failure ??= error ?? ErrorOf(done, piece);
            if (failure is null && begun < count && !cancellationToken.IsCancellationRequested) Begin();
        }
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        if (begun < count) cancellationToken.ThrowIfCancellationRequested();

        void Begin()
        {
            int piece = begun++;
            pending++;
            _work.Add(() => finished.Add((piece, ErrorOf(work, piece))), CancellationToken.None);
        }
    }

    /// <summary>Ends the threads once the work that was given is done.</summary>
    // The collection is not disposed: a thread may still read from it. It holds nothing but memory.
    public void Dispose() => _work.CompleteAdding();

    private static Exception? ErrorOf(Action<int> action, int piece)
    {
        try
        {
            action(piece);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private void Start()
    {
        using var ready = new ManualResetEvent(false);
        new Thread(() =>
        {
            begin?.Invoke();
            ready.Set();
            foreach (var piece in _work.GetConsumingEnumerable()) piece();
        })
        { IsBackground = true, Name = name }.Start();
        ready.WaitOne();
    }
}
