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
    private readonly SqliteConnection _connection;
    private readonly JournalTables _tables;
    private readonly string _path;
    private int _closed;
    private Exception? _fault;

    public JournalQueue(SqliteConnection connection, string path)
    {
        (_connection, _path, _tables) = (connection, path, new JournalTables(connection));
        new Thread(Work) { IsBackground = true, Name = "SynCse journal" }.Start();
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
        _tables.Dispose();
        await _connection.DisposeAsync().ConfigureAwait(false);
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

    private void Work()
    {
        List<IJournalWork> group = [];
        while (_waiting.TryTake(out var first, Timeout.Infinite))
        {
            group.Clear();
            group.Add(first);
            while (group.Count < LargestGroup && _waiting.TryTake(out var next)) group.Add(next);
            DoGroup(group);
        }
        _ended.SetResult();
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
        catch (Exception error) when (error is not SqliteException && !FileSizeLimit.IsReached(error))
        {
            work.Fail(error);
            return false;
        }
    }
}
