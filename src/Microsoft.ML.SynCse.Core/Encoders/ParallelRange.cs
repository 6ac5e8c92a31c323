using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>The same work for every index, on all processors where there is enough of it; an error comes as it is, not wrapped.</summary>
internal static class ParallelRange
{
    // Below some hundred sentences the threads cost more than they save.
    private const int WorthIt = 256;

    /// <summary>Calls <paramref name="work"/> for 0 to <paramref name="count"/> - 1, in any order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it began, or between two ranges.</exception>
    public static void Run(int count, Action<int> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (count < WorthIt)
        {
            for (int i = 0; i < count; i++) work(i);
            return;
        }
        try
        {
            Parallel.ForEach(Partitioner.Create(0, count, WorthIt / 4), new ParallelOptions { CancellationToken = cancellationToken }, range =>
            {
                for (int i = range.Item1; i < range.Item2; i++) work(i);
            });
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
