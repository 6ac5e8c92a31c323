using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>The one place where ML.NET's synchronous code waits for asynchronous work. Errors come out as the work threw them.</summary>
/// <remarks>
/// The work runs on workers of the thread pool, never on the waiting thread: a caller's synchronization context (a window's, say) would
/// wait for itself. While it waits, <c>MLContext.CancelExecution()</c> is polled, because ML.NET offers only a flag.
/// </remarks>
internal static class BlockingBridge
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs work to its end.</summary>
    /// <param name="environment">Whose cancellation ends it.</param>
    /// <param name="work">The work; its token ends with the caller's or the environment's.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static T Run<T>(IHostEnvironment environment, Func<CancellationToken, Task<T>> work,
        CancellationToken cancellationToken = default)
    {
        using var cancellation = new HostCancellation(environment, cancellationToken);
        var task = Task.Run(() => work(cancellation.Token));
        try
        {
            return Result(task);
        }
        catch (OperationCanceledException error) when (cancellation.Cause is not null)
        {
            throw cancellation.Explain(error);
        }
    }

    /// <summary>Waits for work that was started elsewhere.</summary>
    /// <exception cref="OperationCanceledException">The environment was cancelled; the work goes on.</exception>
    public static T Wait<T>(IHostEnvironment environment, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            environment.CheckAlive();
            Task.WaitAny([task], _interval);
        }
        return Result(task);
    }

    /// <summary>Waits for the end of work that was cancelled; how it ends does not matter.</summary>
    public static void Drain(IEnumerable<Task> tasks)
        => Result(Task.WhenAll(tasks)
            .ContinueWith(static all => all.Exception is null, CancellationToken.None, TaskContinuationOptions.None,
            TaskScheduler.Default));

    private static T Result<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
