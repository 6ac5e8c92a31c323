using Microsoft.Data.Sqlite;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

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
