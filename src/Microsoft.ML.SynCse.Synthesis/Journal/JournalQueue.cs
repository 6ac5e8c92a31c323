using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>
/// One thread does all reads and writes of a journal in their order. What waits at the same time is done and committed as one group; its
/// callers get their results when the group is on disk.
/// </summary>
/// <remarks>
/// A thread of its own, because it waits for the disk: a thread pool of two threads would have one left for everything else.
/// </remarks>
internal sealed class JournalQueue : IAsyncDisposable
{
    private const int LargestGroup = 1024;

    private readonly WorkerThreads _thread = new("SynCse journal");
    private readonly ConcurrentQueue<IJournalWork> _waiting = [];
    private readonly object _gate = new();
    private readonly string _path;
    private SqliteConnection? _connection;
    private JournalTables _tables = null!;                              // set by the first work of the thread
    private bool _closed;
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
        try
        {
            return (queue, await queue._thread.RunAsync(() => queue.Open(temporary, wait, cancellationToken)).ConfigureAwait(false));
        }
        catch
        {
            queue._thread.Dispose();
            throw;
        }
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
        Task<Exception?> closing;
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            closing = _thread.RunAsync(Close);
            _thread.Dispose();
        }
        if (await closing.ConfigureAwait(false) is { } fault) throw fault;
    }

    private Task<T> Enqueue<T>(JournalWork<T> work)
    {
        lock (_gate)
        {
            if (_closed) throw new ObjectDisposedException(nameof(TripletSynthesizer), $"The journal '{_path}' is closed.");
            _waiting.Enqueue(work);
            // The first one takes along what waits by then; those of the others find nothing left.
            _ = _thread.RunAsync(ServeGroup);
        }
        return work.Task;
    }

    private JournalTotals Open(bool temporary, TimeSpan wait, CancellationToken cancellationToken)
    {
        JournalTotals totals = default;
        var refused = Guarded(() =>
        {
            _connection = JournalFile.Open(_path, temporary, wait, cancellationToken);
            _tables = new(_connection);
            using (new SqliteCancellation(_connection, cancellationToken))
            {
                _tables.MarkLost();
                totals = _tables.Totals();
            }
        });
        if (refused is null) return totals;
        // The caller gets this error, and not one that closing meets after it.
        if (_connection is not null) Close();
        throw SqliteCancellation.EndOf(refused, cancellationToken) ?? JournalFile.Explain(refused, _path) ?? refused;
    }

    /// <summary>Closes the file, which writes what is not in the main file yet.</summary>
    /// <returns>Why it could not.</returns>
    private Exception? Close()
    {
        var error = Guarded(() =>
        {
            using (_connection)
            {
                _tables?.Dispose();
            }
        });
        return error is null ? null : JournalFile.Explain(error, _path) ?? error;
    }

    private bool ServeGroup()
    {
        List<IJournalWork> group = [];
        while (group.Count < LargestGroup && _waiting.TryDequeue(out var next)) group.Add(next);
        // What is read before the group's first write is on disk; what is read after it may be of this group.
        int writing = group.FindIndex(static work => work.Writes);
        if (writing < 0) writing = group.Count;
        Do(group[..writing], writing: false);
        Do(group[writing..], writing: true);
        return true;
    }

    private void Do(List<IJournalWork> group, bool writing)
    {
        if (group.Count == 0) return;
        int done = 0;
        if (_fault is null)
        {
            var error = Guarded(() =>
            {
                if (writing) _tables.Execute("BEGIN IMMEDIATE");
                for (; done < group.Count; done++) group[done].Run(_tables);
                if (writing) _tables.Execute("COMMIT");
            });
            if (error is not null)
            {
                // Nothing after this can be trusted to be on disk; SQLite rolls the group back when the file is closed.
                _fault = JournalFile.Explain(error, _path) ?? error;
                if (writing) done = 0;
            }
        }
        for (int i = 0; i < group.Count; i++)
        {
            if (i < done) group[i].Complete();
            else group[i].Fail(_fault!);
        }
    }

    /// <summary>Works on the file with the signal of the file size limit held off, and on nothing else.</summary>
    /// <remarks>
    /// A thread that is started meanwhile would have the signal held off for its life. Giving a caller its result may start one of the
    /// thread pool, so that is done after this has returned.
    /// </remarks>
    /// <returns>What the work threw.</returns>
    private static Exception? Guarded(Action work)
    {
        using var limit = FileSizeLimit.Guard();
        try
        {
            work();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}

/// <summary>A read or write that waits for its turn on the journal.</summary>
internal interface IJournalWork
{
    /// <summary>Whether it changes the journal, and so counts only when its group is committed.</summary>
    bool Writes { get; }

    /// <summary>Does it; an error that is not SQLite's is its own, and is kept for its caller.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The journal's trouble, not this work's alone.</exception>
    void Run(JournalTables tables);

    /// <summary>Gives the waiting caller its result, or its error.</summary>
    void Complete();

    /// <summary>Gives the waiting caller the error of the journal, or the work's own error if it had one.</summary>
    void Fail(Exception error);
}

/// <summary>A read or write with a result.</summary>
internal sealed class JournalWork<T>(bool writes, Func<JournalTables, T> run) : IJournalWork
{
    // Callers go on in threads of their own: the journal's must not run them.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _error;

    /// <summary>The result, when it counts.</summary>
    public Task<T> Task => _source.Task;

    /// <inheritdoc/>
    public bool Writes => writes;

    /// <inheritdoc/>
    public void Run(JournalTables tables)
    {
        try
        {
            _result = run(tables);
        }
        catch (Exception error) when (error is not SqliteException)
        {
            _error = error;
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_error is null) _source.TrySetResult(_result);
        else _source.TrySetException(_error);
    }

    /// <inheritdoc/>
    public void Fail(Exception error) => _source.TrySetException(_error ?? error);
}
