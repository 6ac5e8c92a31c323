using Microsoft.ML.SynCse.Core.Encoders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Threads on which torch computes with one thread each: whole batches side by side. On all cores, the threads of one batch wait for each other after every operation.</summary>
internal static class TorchWorkers
{
    private static readonly WorkerThreads Threads = new("SynCse encoding", static () =>
    {
        torch.get_num_threads();                                        // the first use of torch on a thread sets its number to the process's
        torch.set_num_threads(1);
    });

    /// <inheritdoc cref="WorkerThreads.Run"/>
    public static void Run(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
    {
        int own = torch.get_num_threads();
        // Each thread has a number of its own, but threads that have not used torch yet begin with the last number that was set anywhere: that must not be 1.
        if (Threads.Ensure(workers)) torch.set_num_threads(own);
        Threads.Run(workers, count, work, done, cancellationToken);
    }
}
