using Microsoft.Extensions.VectorData;
using SynCse.Samples;
using OrderOfSentences = Microsoft.Extensions.VectorData.FilteredRecordRetrievalOptions<SynCse.Samples.SentenceRecord>.OrderByDefinition;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What Microsoft.Extensions.VectorData promises of a collection.</summary>
[TestClass]
public sealed class SentenceCollectionTests
{
    [TestMethod]
    [DataRow("sentences")]
    [DataRow("order")]
    [DataRow("2024")]
    [DataRow("collection")]
    public async Task A_collection_is_made_and_deleted_any_number_of_times(string name)
    {
        using var store = SentenceStore.Unmade(name);
        Assert.IsFalse(await store.Collection.CollectionExistsAsync());
        await store.Collection.EnsureCollectionDeletedAsync();
        for (int round = 0; round < 2; round++)
        {
            await store.Collection.EnsureCollectionExistsAsync();
            await store.Collection.EnsureCollectionExistsAsync();
            Assert.IsTrue(await store.Collection.CollectionExistsAsync());
            Assert.IsEmpty(await store.Collection.GetAsync(record => true, 10).ToListAsync());
            await store.Collection.UpsertAsync(SentenceStore.Record("1", "a"));
            Assert.IsNotNull(await store.Collection.GetAsync("1"));
            await store.Collection.EnsureCollectionDeletedAsync();
            await store.Collection.EnsureCollectionDeletedAsync();
            Assert.IsFalse(await store.Collection.CollectionExistsAsync());
        }
    }

    [TestMethod]
    public async Task Names_that_differ_in_case_are_one_collection_as_in_SQLite()
    {
        using var store = await SentenceStore.WithAsync("a");
        using var other = new SqliteSentenceCollection(store.Path, "Sentences", new LetterGenerator());
        Assert.IsTrue(await other.CollectionExistsAsync());
        Assert.IsNotNull(await other.GetAsync("1"));
        await other.EnsureCollectionDeletedAsync();
        Assert.IsFalse(await store.Collection.CollectionExistsAsync());
    }

    [TestMethod]
    public async Task A_deleted_collection_may_be_made_anew_by_another_model()
    {
        using var store = await SentenceStore.WithAsync("a");
        await store.Collection.EnsureCollectionDeletedAsync();
        using var other = new SqliteSentenceCollection(store.Path, "sentences", new LetterGenerator("another"));
        await other.EnsureCollectionExistsAsync();
        Assert.IsTrue(await other.CollectionExistsAsync());
    }

    [TestMethod]
    public async Task A_database_in_memory_lives_as_long_as_its_collection()
    {
        using var collection = new SqliteSentenceCollection(":memory:", "sentences", new LetterGenerator());
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(SentenceStore.Record("1", "a"));
        Assert.AreEqual("a", (await collection.SearchAsync("a", 1).SingleAsync()).Record.Text);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Vectors_come_where_they_are_asked_for(bool include)
    {
        using var store = await SentenceStore.WithAsync("abba", "c");
        var options = new RecordRetrievalOptions { IncludeVectors = include };
        var filtered = new FilteredRecordRetrievalOptions<SentenceRecord> { IncludeVectors = include };
        var search = new VectorSearchOptions<SentenceRecord> { IncludeVectors = include, Filter = record => record.Vector != null };
        SentenceRecord?[] found =
        [
            await store.Collection.GetAsync("1", options),
            await store.Collection.GetAsync(["1"], options).SingleAsync(),
            await store.Collection.GetAsync(record => record.Vector!.Value.ToArray()[0] == 2, 5, filtered).SingleAsync(),
            (await store.Collection.SearchAsync("abba", 1, search).SingleAsync()).Record,
        ];
        foreach (var record in found)
        {
            Assert.AreEqual(("1", "abba", "a file"), (record!.Id, record.Text, record.Source));
            CollectionAssert.AreEqual(include ? new float[] { 2, 2, 0, 0 } : null, record.Vector?.ToArray());
        }
    }

    [TestMethod]
    public async Task Keys_that_are_missing_or_repeated_give_each_record_once_in_the_keys_order()
    {
        using var store = await SentenceStore.WithAsync("a", "b", "c");
        Assert.IsNull(await store.Collection.GetAsync("9"));
        Assert.AreEqual("312", Ids(await store.Collection.GetAsync(["3", "9", "1", "3", "2", "1"]).ToListAsync()));
        Assert.IsEmpty(await store.Collection.GetAsync(Array.Empty<string>()).ToListAsync());
        string[] many = [.. Enumerable.Range(1, 40_000).Select(i => $"{i}")];
        Assert.AreEqual("123", Ids(await store.Collection.GetAsync(many).ToListAsync()));
    }

    [TestMethod]
    public async Task An_order_is_kept_with_skip_and_top()
    {
        using var store = await SentenceStore.WithAsync("b", "a", "b", "d");
        await store.Collection.UpsertAsync(SentenceStore.Record("5", "c", "another"));
        Assert.AreEqual("12345", await Order(null));
        Assert.AreEqual("21354", await Order(o => o.Ascending(r => r.Text)));
        Assert.AreEqual("45132", await Order(o => o.Descending(r => r.Text)));
        Assert.AreEqual("45312", await Order(o => o.Descending(r => r.Text).Descending(r => r.Id)));
        Assert.AreEqual("21345", await Order(o => o.Ascending(r => r.Source).Ascending(r => r.Text)));
        Assert.AreEqual("54132", await Order(o => o.Descending(r => r.Source).Descending(r => r.Text)));
        foreach (var (skip, expected) in new[] { (0, "51"), (1, "13"), (3, "2"), (4, "") })
        {
            var options = new FilteredRecordRetrievalOptions<SentenceRecord> { OrderBy = o => o.Descending(r => r.Text), Skip = skip };
            Assert.AreEqual(expected, Ids(await store.Collection.GetAsync(r => r.Id != "4", 2, options).ToListAsync()));
        }

        async Task<string> Order(Func<OrderOfSentences, OrderOfSentences>? order)
            => Ids(await store.Collection.GetAsync(record => true, 9, new() { OrderBy = order }).ToListAsync());
    }

    [TestMethod]
    public async Task Records_are_inserted_updated_and_deleted_in_batches()
    {
        using var store = await SentenceStore.WithAsync("a", "b");
        SentenceRecord[] batch = [SentenceStore.Record("2", "c"), SentenceStore.Record("3", "d"), SentenceStore.Record("3", "dd", "later")];
        await store.Collection.UpsertAsync(batch);
        await store.Collection.UpsertAsync([]);
        var all = await store.Collection.GetAsync(record => true, 9, new() { IncludeVectors = true }).ToListAsync();
        Assert.AreEqual("1a 2c 3dd", string.Join(' ', all.Select(record => record.Id + record.Text)));
        CollectionAssert.AreEqual(LetterGenerator.VectorOf("dd"), all[2].Vector!.Value.ToArray());

        await store.Collection.DeleteAsync("9");
        await store.Collection.DeleteAsync([]);
        await store.Collection.DeleteAsync(["1", "9", "3", "1"]);
        Assert.AreEqual("2", Ids(await store.Collection.GetAsync(record => true, 9).ToListAsync()));
        await store.Collection.DeleteAsync("2");
        Assert.IsEmpty(await store.Collection.GetAsync(record => true, 9).ToListAsync());
    }

    [TestMethod]
    public async Task A_search_has_a_filter_a_threshold_a_skip_and_an_order_of_scores()
    {
        using var store = await SentenceStore.WithAsync("a", "ab", "b", "abbb", "x");
        Assert.AreEqual("12435", await Found("a", 9, new()));
        Assert.AreEqual("24", await Found("a", 2, new() { Skip = 1 }));
        Assert.AreEqual("12", await Found("a", 9, new() { ScoreThreshold = 0.7 }));
        Assert.AreEqual("23", await Found("a", 9, new() { Filter = record => record.Text.Contains('b') && record.Text != "abbb" }));
        Assert.AreEqual("12435", await Found(new float[] { 3, 0, 0, 0 }, 9, new() { VectorProperty = record => record.Vector }));
        Assert.AreEqual("12345", await Found(new ReadOnlyMemory<float>(new float[4]), 9, new()), "without a direction it is like no other");
        Assert.AreEqual(1.0, (await store.Collection.SearchAsync("a", 1).SingleAsync()).Score!.Value, 1e-6);

        async Task<string> Found<T>(T query, int top, VectorSearchOptions<SentenceRecord> options)
            where T : notnull
            => Ids(await store.Collection.SearchAsync(query, top, options).Select(found => found.Record).ToListAsync());
    }

    [TestMethod]
    public void Metadata_and_services()
    {
        using var store = SentenceStore.Unmade();
        var metadata = (VectorStoreCollectionMetadata)store.Collection.GetService(typeof(VectorStoreCollectionMetadata))!;
        Assert.AreEqual("sqlite", metadata.VectorStoreSystemName);
        Assert.AreEqual(store.Path, metadata.VectorStoreName);
        Assert.AreEqual("sentences", metadata.CollectionName);
        Assert.AreSame(store.Collection, store.Collection.GetService(typeof(VectorStoreCollection<string, SentenceRecord>)));
        Assert.IsNull(store.Collection.GetService(typeof(VectorStoreCollection<string, SentenceRecord>), "key"));
        Assert.IsNull(store.Collection.GetService(typeof(VectorStore)));
    }

    private static string Ids(IEnumerable<SentenceRecord> records) => string.Concat(records.Select(record => record.Id));
}
