using System.Collections.Concurrent;

namespace Microsoft.ML.SynCse;

/// <summary>A thread for one stream's work, one piece after the other.</summary>
/// <remarks>
/// The C library gives every thread that computes a heap of its own, and what torch frees on one is not used on another: a stream that wandered over the pool's
/// threads grew by a heap with each. On one thread its memory stays where it is.
/// </remarks>
internal sealed class WorkThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    /// <param name="name">The thread's name.</param>
    public WorkThread(string name) => new Thread(Run) { IsBackground = true, Name = name }.Start();

    /// <summary>Has a piece of work done; its result or its exception comes back.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
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

    /// <summary>Ends the thread once its work is done.</summary>
    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        // Not disposed here: who ended it may still be within CompleteAdding. It holds nothing but memory.
        foreach (var piece in _work.GetConsumingEnumerable()) piece();
    }
}
