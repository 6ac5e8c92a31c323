using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Microsoft.ML.SynCse;

/// <summary>One worker does all reads and writes of a journal in their order; what waits is done and committed as a group, and told to its callers when it is on disk.</summary>
internal sealed class JournalQueue : IAsyncDisposable
{
    private const int LargestGroup = 1024;

    private readonly Channel<IJournalWork> _waiting = Channel.CreateUnbounded<IJournalWork>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly JournalTables _tables;
    private readonly string _path;
    private readonly Task _worker;
    private Exception? _fault;

    public JournalQueue(SqliteConnection connection, string path)
    {
        (_connection, _path, _tables) = (connection, path, new JournalTables(connection));
        _worker = Task.Run(WorkAsync);
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
        if (!_waiting.Writer.TryComplete()) return;
        await _worker.ConfigureAwait(false);
        _tables.Dispose();
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private Task<T> Enqueue<T>(JournalWork<T> work)
        => _waiting.Writer.TryWrite(work) ? work.Task : throw new ObjectDisposedException(nameof(TripletSynthesizer), $"The journal '{_path}' is closed.");

    private async Task WorkAsync()
    {
        List<IJournalWork> group = [];
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            while (group.Count < LargestGroup && _waiting.Reader.TryRead(out var work)) group.Add(work);
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
                work.Run(_tables);
                if (!work.Writes) work.Complete();
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
}
