using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Threads of the process on which torch computes with one thread each: whole batches side by side, instead of the cores of one batch waiting for each other after every operation.</summary>
/// <remarks>
/// As many as the largest call asked for, and they stay: the C library gives every thread that computes a heap of its own, so new threads would be new heaps.
/// Calls at the same time share them batch by batch, so a short one does not wait for a long one.
/// </remarks>
internal static class TorchWorkers
{
    private static readonly object Gate = new();
    private static readonly BlockingCollection<Action> Work = [];
    private static int _threads;

    /// <summary>Does pieces of work on the workers; returns when all are done, or when those that were begun before an error or a cancellation are.</summary>
    /// <param name="workers">How many may be at work for this call.</param>
    /// <param name="count">How many pieces.</param>
    /// <param name="work">Does one, on a worker.</param>
    /// <param name="done">Told of each that is done, on the calling thread, in any order.</param>
    /// <param name="cancellationToken">Asked before each piece.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last piece was begun.</exception>
    public static void Run(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        HaveThreads(workers);
        using var finished = new BlockingCollection<(int Piece, Exception? Error)>();
        Exception? failure = null;
        int begun = 0, pending = 0;
        // Each worker has its next piece waiting, so that none stands still while this thread is told.
        while (begun < Math.Min(2 * workers, count)) Begin();
        while (pending > 0)
        {
            var (piece, error) = finished.Take(CancellationToken.None);
            pending--;
            failure ??= error ?? Error(done, piece);
            if (failure is null && begun < count && !cancellationToken.IsCancellationRequested) Begin();
        }
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        if (begun < count) cancellationToken.ThrowIfCancellationRequested();

        void Begin()
        {
            int piece = begun++;
            pending++;
            Work.Add(() => finished.Add((piece, Error(work, piece))), CancellationToken.None);
        }
    }

    private static Exception? Error(Action<int> action, int piece)
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

    private static void HaveThreads(int count)
    {
        lock (Gate)
        {
            for (; _threads < count; _threads++) Start();
        }
    }

    private static void Start()
    {
        int own = torch.get_num_threads();
        using var ready = new ManualResetEvent(false);
        new Thread(() =>
        {
            torch.get_num_threads();                                                                    // a thread's first use of torch sets its number, to the process's
            torch.set_num_threads(1);
            ready.Set();
            foreach (var piece in Work.GetConsumingEnumerable()) piece();
        })
        { IsBackground = true, Name = "SynCse encoding" }.Start();
        ready.WaitOne();
        // The number is a thread's own, but the last one set is also what threads that have not met torch yet begin with: they get back what they would have had.
        torch.set_num_threads(own);
    }
}
