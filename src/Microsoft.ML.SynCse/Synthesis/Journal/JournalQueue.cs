using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Microsoft.ML.SynCse;

/// <summary>One thread does all reads and writes of a journal in their order; what waits is done and committed as a group, and told to its callers when it is on disk.</summary>
/// <remarks>A thread of its own: it waits for the disk, and a thread pool of two would have one left for everything else.</remarks>
internal sealed class JournalQueue : IAsyncDisposable
{
    private const int LargestGroup = 1024;

    private readonly BlockingCollection<IJournalWork> _waiting = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<JournalTotals> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _path;
    private JournalTables _tables = null!;                                                              // the thread's first act
    private int _closed;
    private Exception? _fault;

    private JournalQueue(string path) => _path = path;

    /// <summary>Opens a journal on a thread of its own, which from then on works for it.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="temporary">Whether nothing of it must outlive a power cut.</param>
    /// <param name="wait">How long to wait for another process that has it open.</param>
    /// <param name="cancellationToken">Ends the opening; the file is then as it was.</param>
    /// <returns>The queue, and what all requests of earlier processes used.</returns>
    /// <inheritdoc cref="JournalFile.Open" path="/exception"/>
    public static async Task<(JournalQueue Queue, JournalTotals Totals)> OpenAsync(
        string path, bool temporary, TimeSpan wait, CancellationToken cancellationToken)
    {
        var queue = new JournalQueue(path);
        new Thread(() => queue.Work(temporary, wait, cancellationToken)) { IsBackground = true, Name = "SynCse journal" }.Start();
        return (queue, await queue._opened.Task.ConfigureAwait(false));
    }

    /// <summary>Reads; done when its turn comes.</summary>
    public Task<T> ReadAsync<T>(Func<JournalTables, T> read) => Enqueue(new JournalWork<T>(writes: false, read));

    /// <summary>Writes; done when it is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<JournalTables, T> write) => Enqueue(new JournalWork<T>(writes: true, write));

    /// <summary>Writes; done when it is on disk.</summary>
    public Task WriteAsync(Action<JournalTables> write) => WriteAsync(tables =>
    {
        write(tables);
        return true;
    });

    /// <summary>Does what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1) return;
        _waiting.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _waiting.Dispose();
    }

    private Task<T> Enqueue<T>(JournalWork<T> work)
    {
        try
        {
            _waiting.Add(work);
            return work.Task;
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(TripletSynthesizer), $"The journal '{_path}' is closed.");
        }
    }

    private void Work(bool temporary, TimeSpan wait, CancellationToken cancellationToken)
    {
        // For all its life: nothing but the journal's file is written on this thread.
        using var limit = FileSizeLimit.Guard();
        SqliteConnection connection;
        try
        {
            connection = JournalFile.Open(_path, temporary, wait, cancellationToken);
        }
        catch (Exception error)
        {
            Refuse(error, cancellationToken);
            return;
        }
        try
        {
            using (connection)
            using (_tables = new(connection))
            {
                if (Begin(connection, cancellationToken)) Serve();
            }
            _ended.SetResult();
        }
        catch (Exception error)
        {
            // Closing writes what is not in the main file yet.
            _ended.SetException(JournalFile.Explain(error, _path) ?? error);
        }
    }

    private bool Begin(SqliteConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            JournalTotals totals;
            using (new SqliteCancellation(connection, cancellationToken))
            {
                _tables.MarkLost();
                totals = _tables.Totals();
            }
            _opened.SetResult(totals);
            return true;
        }
        catch (Exception error)
        {
            connection.Close();
            Refuse(SqliteCancellation.EndOf(error, cancellationToken) ?? JournalFile.Explain(error, _path) ?? error, cancellationToken);
            return false;
        }
    }

    private void Refuse(Exception error, CancellationToken cancellationToken)
    {
        if (error is OperationCanceledException) _opened.SetCanceled(cancellationToken);
        else _opened.SetException(error);
    }

    private void Serve()
    {
        List<IJournalWork> group = [];
        while (_waiting.TryTake(out var first, Timeout.Infinite))
        {
            group.Clear();
            group.Add(first);
            while (group.Count < LargestGroup && _waiting.TryTake(out var next)) group.Add(next);
            DoGroup(group);
        }
    }

    private void DoGroup(List<IJournalWork> group)
    {
        bool writing = false;
        try
        {
            if (_fault is not null) throw _fault;
            foreach (var work in group)
            {
                if (work.Writes && !writing)
                {
                    _tables.Execute("BEGIN IMMEDIATE");
                    writing = true;
                }
                // What is read before the group's first write is on disk; what is read after it may be of this group.
                if (RunOne(work) && !writing) work.Complete();
            }
            if (writing) _tables.Execute("COMMIT");
            foreach (var work in group) work.Complete();
        }
        catch (Exception error)
        {
            // Nothing after this can be trusted to be on disk; SQLite rolls the group back when the file is closed.
            _fault ??= JournalFile.Explain(error, _path) ?? error;
            foreach (var work in group) work.Fail(_fault);
        }
    }

    /// <summary>Does one piece; an error that is not SQLite's is the piece's own, and the others do not suffer for it.</summary>
    private bool RunOne(IJournalWork work)
    {
        try
        {
            work.Run(_tables);
            return true;
        }
        catch (Exception error) when (error is not SqliteException)
        {
            work.Fail(error);
            return false;
        }
    }
}
