namespace Microsoft.ML.SynCse;

/// <summary>A read or write with a result.</summary>
internal sealed class JournalWork<T>(bool writes, Func<JournalTables, T> run) : IJournalWork
{
    // Callers go on in threads of their own: the journal's must not run them.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    /// <summary>The result, when it counts.</summary>
    public Task<T> Task => _source.Task;

    /// <inheritdoc/>
    public bool Writes => writes;

    /// <inheritdoc/>
    public void Run(JournalTables tables) => _result = run(tables);

    /// <inheritdoc/>
    public void Complete() => _source.TrySetResult(_result);

    /// <inheritdoc/>
    public void Fail(Exception error) => _source.TrySetException(error);
}
