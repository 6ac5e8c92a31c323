using Microsoft.Data.Sqlite;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A singleton is used by many threads, beside other processes, and is cancelled.</summary>
[TestClass]
public sealed class SentenceCollectionThreadTests
{
    [TestMethod]
    public async Task Many_threads_write_read_and_delete_at_once()
    {
        using var store = SentenceStore.Unmade();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => store.Collection.EnsureCollectionExistsAsync())));
        await Task.WhenAll(Enumerable.Range(0, 16).Select(thread => Task.Run(async () =>
        {
            for (int i = 0; i < 12; i++)
            {
                var shared = SentenceStore.Record("shared", $"b{thread}");
                await store.Collection.UpsertAsync([SentenceStore.Record($"{thread}-{i}", "a" + thread), shared]);
                Assert.AreEqual("a" + thread, (await store.Collection.GetAsync($"{thread}-{i}"))!.Text);
                Assert.IsNotEmpty(await store.Collection.SearchAsync("a", 3).ToListAsync());
                if (i % 3 == 0) await store.Collection.DeleteAsync($"{thread}-{i}");
            }
        })));
        Assert.AreEqual((16 * 8) + 1, await store.Collection.GetAsync(record => true, 1000).CountAsync());
    }

    [TestMethod]
    public async Task A_batch_is_seen_whole_or_not_at_all()
    {
        using var store = await SentenceStore.WithAsync("a");
        const int Rows = 50;
        var writing = Task.Run(async () =>
        {
            for (int round = 0; round < 20; round++)
                await store.Collection.UpsertAsync(Enumerable.Range(0, Rows).Select(i => SentenceStore.Record($"row{i}", "a", $"{round}")));
        });
        while (!writing.IsCompleted)
        {
            var found = store.Collection.GetAsync(record => record.Id.StartsWith("row", StringComparison.Ordinal), 1000);
            var sources = await found.Select(record => record.Source).ToListAsync();
            Assert.IsTrue(sources.Count is 0 or Rows, $"{sources.Count} rows");
            Assert.IsLessThanOrEqualTo(1, sources.Distinct().Count());
        }
        await writing;
    }

    [TestMethod]
    public async Task Records_may_be_written_while_found_ones_are_read()
    {
        using var store = await SentenceStore.WithAsync([.. Enumerable.Repeat("a", 20)]);
        int found = 0;
        await foreach (var result in store.Collection.SearchAsync("a", 100))
            await store.Collection.UpsertAsync(SentenceStore.Record($"copy{found++}", result.Record.Text));
        Assert.AreEqual(20, found);
        Assert.AreEqual(40, await store.Collection.GetAsync(record => true, 100).CountAsync());
    }

    [TestMethod]
    public async Task A_write_waits_for_another_process_that_is_writing()
    {
        using var store = await SentenceStore.WithAsync("a");
        using var other = new SqliteConnection($"Data Source={store.Path};Pooling=False");
        other.Open();
        var transaction = other.BeginTransaction();
        var writing = store.Collection.UpsertAsync(SentenceStore.Record("2", "b"));
        Assert.IsNotNull(await store.Collection.GetAsync("1"), "readers do not wait");
        transaction.Rollback();
        await writing;
        Assert.IsNotNull(await store.Collection.GetAsync("2"));
    }

    [TestMethod]
    public async Task What_is_cancelled_writes_nothing()
    {
        using var store = await SentenceStore.WithAsync("a");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        foreach (var call in new Func<Task>[]
        {
            () => store.Collection.UpsertAsync(SentenceStore.Record("2", "b"), cancelled.Token),
            () => store.Collection.DeleteAsync("1", cancelled.Token),
            () => store.Collection.EnsureCollectionDeletedAsync(cancelled.Token),
            () => store.Collection.CollectionExistsAsync(cancelled.Token),
            () => store.Collection.GetAsync("1", cancellationToken: cancelled.Token),
            () => store.Collection.GetAsync(record => true, 1, cancellationToken: cancelled.Token).ToListAsync().AsTask(),
            () => store.Collection.SearchAsync("a", 1).ToListAsync(cancelled.Token).AsTask(),
        }) await Assert.ThrowsAsync<OperationCanceledException>(call);
        Assert.AreEqual(1, await store.Collection.GetAsync(record => true, 9).CountAsync());
    }

    [TestMethod]
    public async Task A_write_that_is_cancelled_after_the_vectors_are_made_writes_nothing()
    {
        using var cancelling = new CancellationTokenSource();
        bool armed = false;
        using var store = SentenceStore.Unmade(generator: new LetterGenerator { After = () => { if (armed) cancelling.Cancel(); } });
        await store.Collection.EnsureCollectionExistsAsync();
        armed = true;
        var writing = () => store.Collection.UpsertAsync(SentenceStore.Record("1", "a"), cancelling.Token);
        await Assert.ThrowsAsync<OperationCanceledException>(writing);
        armed = false;
        Assert.IsNull(await store.Collection.GetAsync("1"));
    }

    [TestMethod]
    public async Task A_search_ends_between_two_records_and_leaves_the_file_free()
    {
        using var store = await SentenceStore.WithAsync([.. Enumerable.Repeat("a", 50)]);
        using var cancelling = new CancellationTokenSource();
        int found = 0;
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in store.Collection.SearchAsync("a", 100, cancellationToken: cancelling.Token))
                if (++found == 3) await cancelling.CancelAsync();
        });
        Assert.AreEqual(3, found);
        await foreach (var _ in store.Collection.SearchAsync("a", 100)) break;
        await store.Collection.EnsureCollectionDeletedAsync();
        Assert.IsFalse(await store.Collection.CollectionExistsAsync());
    }
}
