namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>A sequence as an asynchronous one.</summary>
internal sealed class SyncSequence<T>(IEnumerable<T> items) : IAsyncEnumerable<T>
{
    /// <inheritdoc/>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }
}
