using System.Threading.Channels;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// Works on the items of a sequence at the same time and gives the results in their order; at most a window of items is held.
/// </summary>
internal static class OrderedParallelMap
{
    // How long to wait for a source that was cancelled.
    private static readonly TimeSpan _sourceGrace = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs the work on all items; gives the results in the order of the items.</summary>
    /// <param name="source">The items; read by one reader, ahead of the results by at most the window.</param>
    /// <param name="work">Starts the work on an item; called in the items' order.</param>
    /// <param name="window">Items that may be worked on or wait to be taken.</param>
    /// <param name="run">The run: if the reader of the results leaves early, what is under way is cancelled and waited for.</param>
    public static async IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(IAsyncEnumerable<TItem> source, Func<TItem, Task<TResult>> work,
        int window, SynthesisRun run)
    {
        var channel = Channel.CreateBounded<Task<TResult>>(new BoundedChannelOptions(window) { SingleReader = true, SingleWriter = true });
        var end = run.Token;
        var producer = Task.Run(() => ProduceAsync(source, work, channel.Writer, run, end), CancellationToken.None);
        Task<TResult>? current = null;
        bool finished = false;
        try
        {
            while (await MoreAsync(channel.Reader, run, end).ConfigureAwait(false))
            {
                while (channel.Reader.TryRead(out current)) yield return await ResultAsync(current, run).ConfigureAwait(false);
            }
            finished = true;
        }
        finally
        {
            if (!finished && run.Stopped is null) run.Cancel();
            // What was sent must still be written down; a source that does not listen to its token is not waited for any longer.
            await Task.WhenAny(producer, Task.Delay(_sourceGrace, CancellationToken.None)).ConfigureAwait(false);
            channel.Writer.TryComplete();
            while (channel.Reader.TryRead(out var left)) await Quietly(left).ConfigureAwait(false);
            if (current is not null) await Quietly(current).ConfigureAwait(false);
        }
    }

    private static async Task ProduceAsync<TItem, TResult>(IAsyncEnumerable<TItem> source, Func<TItem, Task<TResult>> work,
        ChannelWriter<Task<TResult>> writer, SynthesisRun run, CancellationToken end)
    {
        try
        {
            await foreach (var item in source.WithCancellation(end).ConfigureAwait(false))
            {
                // Room first: an item is not begun before it may be held.
                if (!await writer.WaitToWriteAsync(end).ConfigureAwait(false)) break;
                run.ThrowIfEnded();
                var begun = work(item);
                if (!writer.TryWrite(begun)) await Quietly(begun).ConfigureAwait(false);
            }
            writer.TryComplete();
        }
        catch (Exception error)
        {
            writer.TryComplete(run.Explain(error));
        }
    }

    private static async Task<bool> MoreAsync<TResult>(ChannelReader<Task<TResult>> reader, SynthesisRun run, CancellationToken end)
    {
        try
        {
            return await reader.WaitToReadAsync(end).ConfigureAwait(false);
        }
        catch (OperationCanceledException error)
        {
            throw run.Explain(error);
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

    private static Task Quietly(Task task) => task.ContinueWith(static t => _ = t.Exception, CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
