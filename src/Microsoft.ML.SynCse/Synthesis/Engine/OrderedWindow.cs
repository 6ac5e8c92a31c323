using System.Threading.Channels;

namespace Microsoft.ML.SynCse;

/// <summary>Works on the items of a sequence at the same time and gives the results in their order; at most a window of items is held.</summary>
internal static class OrderedWindow
{
    /// <summary>Runs the work.</summary>
    /// <param name="source">The items; read by one reader, ahead of the results by at most the window.</param>
    /// <param name="work">Starts the work on an item; called in the items' order.</param>
    /// <param name="window">Items that may be worked on or wait to be taken.</param>
    /// <param name="run">The run: where the reader of the results leaves early, what is under way is cancelled and waited for.</param>
    public static async IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(IAsyncEnumerable<TItem> source, Func<TItem, Task<TResult>> work, int window, SynthesisRun run)
    {
        var channel = Channel.CreateBounded<Task<TResult>>(new BoundedChannelOptions(window) { SingleReader = true, SingleWriter = true });
        var producer = Task.Run(() => ProduceAsync(source, work, channel.Writer, run));
        Task<TResult>? current = null;
        bool finished = false;
        try
        {
            while (await channel.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (channel.Reader.TryRead(out current)) yield return await ResultAsync(current, run).ConfigureAwait(false);
            }
            finished = true;
        }
        finally
        {
            if (!finished && run.Stopped is null) run.Cancel();
            // Whatever was sent is still to be written down.
            await DrainAsync(channel.Reader, producer, current).ConfigureAwait(false);
        }
        await producer.ConfigureAwait(false);
    }

    private static async Task ProduceAsync<TItem, TResult>(IAsyncEnumerable<TItem> source, Func<TItem, Task<TResult>> work, ChannelWriter<Task<TResult>> writer, SynthesisRun run)
    {
        try
        {
            await foreach (var item in source.WithCancellation(run.Token).ConfigureAwait(false))
            {
                // Room first: an item is not begun before it may be held.
                if (!await writer.WaitToWriteAsync(run.Token).ConfigureAwait(false)) break;
                run.ThrowIfEnded();
                await writer.WriteAsync(work(item), run.Token).ConfigureAwait(false);
            }
            writer.Complete();
        }
        catch (Exception error)
        {
            writer.Complete(run.Explain(error));
        }
    }

    private static async Task<TResult> ResultAsync<TResult>(Task<TResult> task, SynthesisRun run)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException error)
        {
            throw run.Explain(error);
        }
    }

    private static async Task DrainAsync<TResult>(ChannelReader<Task<TResult>> reader, Task producer, Task<TResult>? current)
    {
        // The producer may wait for room.
        while (!producer.IsCompleted || reader.TryPeek(out _))
        {
            if (reader.TryRead(out var left)) await Quietly(left).ConfigureAwait(false);
            else await Task.WhenAny(producer, Quietly(reader.WaitToReadAsync().AsTask())).ConfigureAwait(false);
        }
        if (current is not null) await Quietly(current).ConfigureAwait(false);
    }

    private static Task Quietly(Task task) => task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
