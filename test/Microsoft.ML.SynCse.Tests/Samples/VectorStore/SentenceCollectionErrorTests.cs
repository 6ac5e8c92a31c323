using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.SynCse.Native;
using SynCse.Samples;
using OrderOfSentences = Microsoft.Extensions.VectorData.FilteredRecordRetrievalOptions<SynCse.Samples.SentenceRecord>.OrderByDefinition;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Wrong arguments are told at the call; what the database cannot do is a VectorStoreException that says where.</summary>
[TestClass]
public sealed class SentenceCollectionErrorTests
{
    [TestMethod]
    public void Null_is_refused_by_name_before_anything_is_awaited()
    {
        using var store = SentenceStore.Unmade();
        var collection = store.Collection;
        (string Name, Action Call)[] calls =
        [
            ("path", () => _ = new SqliteSentenceCollection(null!, "x", new LetterGenerator())),
            ("name", () => _ = new SqliteSentenceCollection(store.Path, null!, new LetterGenerator())),
            ("generator", () => _ = new SqliteSentenceCollection(store.Path, "x", null!)),
            ("key", () => collection.GetAsync((string)null!)),
            ("keys", () => collection.GetAsync((IEnumerable<string>)null!)),
            ("filter", () => collection.GetAsync(filter: null!, 1)),
            ("key", () => collection.DeleteAsync((string)null!)),
            ("keys", () => collection.DeleteAsync((IEnumerable<string>)null!)),
            ("record", () => collection.UpsertAsync((SentenceRecord)null!)),
            ("records", () => collection.UpsertAsync((IEnumerable<SentenceRecord>)null!)),
            ("searchValue", () => collection.SearchAsync((string)null!, 1)),
            ("serviceType", () => collection.GetService(null!)),
        ];
        foreach (var (name, call) in calls) Assert.AreEqual(name, Assert.ThrowsExactly<ArgumentNullException>(call).ParamName);
    }

    [TestMethod]
    public void Other_arguments_that_cannot_be_are_refused_at_the_call()
    {
        using var store = SentenceStore.Unmade();
        var collection = store.Collection;
        foreach (int top in new[] { 0, -1, int.MinValue })
        {
            foreach (var call in new Action[] { () => collection.GetAsync(record => true, top), () => collection.SearchAsync("a", top) })
                Assert.AreEqual("top", Assert.ThrowsExactly<ArgumentOutOfRangeException>(call).ParamName);
        }
        Assert.ThrowsExactly<ArgumentException>(() => collection.GetAsync(["1", null!]));
        Assert.ThrowsExactly<ArgumentException>(() => collection.DeleteAsync(["1", null!]));
        Assert.ThrowsExactly<ArgumentException>(() => collection.UpsertAsync([null!]));
        Assert.ThrowsExactly<ArgumentException>(() => collection.UpsertAsync(SentenceStore.Record("", "a")));
        Assert.ThrowsExactly<ArgumentException>(() => collection.UpsertAsync(SentenceStore.Record("1", null!)));
        Assert.ThrowsExactly<ArgumentException>(() => collection.SearchAsync(Array.Empty<float>(), 1));
        var notFinite = Assert.ThrowsExactly<ArgumentException>(() => collection.SearchAsync(new[] { 1, float.NaN, 0, 0 }, 1));
        StringAssert.Contains(notFinite.Message, "holds NaN");
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => collection.SearchAsync(8, 1)).Message, "System.Int32");
        Assert.ThrowsExactly<NotSupportedException>(() => collection.SearchAsync("a", 1, new() { VectorProperty = record => record.Text }));
        foreach (string? name in new[] { "", "a b", "a\"; DROP TABLE x", "a_b", "\u00E4" })
            Assert.ThrowsExactly<ArgumentException>(() => _ = new SqliteSentenceCollection(store.Path, name, new LetterGenerator()));
        Func<OrderOfSentences, OrderOfSentences>[] orders = [o => o.Ascending(r => r.Text.Length), o => o.Descending(r => r.Vector)];
        foreach (var order in orders)
        {
            var options = new FilteredRecordRetrievalOptions<SentenceRecord> { OrderBy = order };
            var error = Assert.ThrowsExactly<NotSupportedException>(() => collection.GetAsync(record => true, 1, options));
            StringAssert.Contains(error.Message, "sorts by Id, Text and Source, not by");
        }
    }

    [TestMethod]
    public async Task A_collection_that_was_not_made_is_told_with_what_makes_it()
    {
        using var store = SentenceStore.Unmade();
        var collection = store.Collection;
        await FailsAsync("Get", () => collection.GetAsync("1"));
        await FailsAsync("Get", () => collection.GetAsync(["1"]).ToListAsync().AsTask());
        await FailsAsync("Get", () => collection.GetAsync(record => true, 1).ToListAsync().AsTask());
        await FailsAsync("Search", () => collection.SearchAsync("a", 1).ToListAsync().AsTask());
        await FailsAsync("Upsert", () => collection.UpsertAsync(SentenceStore.Record("1", "a")));
        await FailsAsync("Delete", () => collection.DeleteAsync("1"));
        Assert.IsFalse(await collection.CollectionExistsAsync());

        async Task FailsAsync(string operation, Func<Task> call)
        {
            var error = await Assert.ThrowsExactlyAsync<VectorStoreException>(call);
            StringAssert.Contains(error.Message, "has no collection 'sentences': EnsureCollectionExistsAsync makes it");
            Assert.AreEqual(("sqlite", store.Path), (error.VectorStoreSystemName, error.VectorStoreName));
            Assert.AreEqual(("sentences", operation), (error.CollectionName, error.OperationName));
        }
    }

    [TestMethod]
    public async Task Another_model_neither_writes_nor_searches()
    {
        using var store = await SentenceStore.WithAsync("a");
        using var other = new SqliteSentenceCollection(store.Path, "sentences", new LetterGenerator("another"));
        foreach (var call in new Func<Task>[]
        {
            () => other.EnsureCollectionExistsAsync(),
            () => other.UpsertAsync(SentenceStore.Record("2", "b")),
            () => other.SearchAsync("a", 1).ToListAsync().AsTask(),
        })
        {
            var error = await Assert.ThrowsExactlyAsync<VectorStoreException>(call);
            StringAssert.Contains(error.Message, "were made by the model letters; this one is another");
        }
    }

    [TestMethod]
    [DoNotParallelize]
    public async Task One_model_in_two_precisions_is_two_models_to_a_store()
    {
        BFloat16Support.Pretended.Value = true;
        using var whole = TinyEncoder.Load();
        using var half = TinyEncoder.Load(options: new() { Precision = Precision.BFloat16 });
        using var again = TinyEncoder.Load();
        BFloat16Support.Pretended.Value = null;
        using var folder = new TemporaryFolder();
        string path = folder.New("store.db");
        using var store = new SqliteSentenceCollection(path, "sentences", whole);
        await store.EnsureCollectionExistsAsync();
        await store.UpsertAsync(SentenceStore.Record("1", "a cat"));
        foreach (var generator in new[] { half, half.AsBuilder().UseLogging(NullLoggerFactory.Instance).Build() })
        {
            using var other = new SqliteSentenceCollection(path, "sentences", generator);
            var error = await Assert.ThrowsExactlyAsync<VectorStoreException>(() => other.UpsertAsync(SentenceStore.Record("2", "a dog")));
            StringAssert.Contains(error.Message, ", BFloat16.");
        }
        using var same = new SqliteSentenceCollection(path, "sentences", again);
        Assert.AreEqual("1", (await same.SearchAsync("a cat", 1).SingleAsync()).Record.Id);
        // What stores of before hold.
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand("SELECT model FROM collection_model", connection);
        Assert.AreEqual(whole.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId, command.ExecuteScalar());
    }

    [TestMethod]
    public async Task A_failure_of_the_database_keeps_its_cause()
    {
        using var store = await SentenceStore.WithAsync("a");
        using (var connection = new SqliteConnection($"Data Source={store.Path};Pooling=False"))
        {
            connection.Open();
            using var command = new SqliteCommand("ALTER TABLE sentences RENAME COLUMN source TO origin", connection);
            command.ExecuteNonQuery();
        }
        foreach (var (operation, call) in new (string, Func<Task>)[]
        {
            ("Get", () => store.Collection.GetAsync("1")),
            ("Search", () => store.Collection.SearchAsync("a", 1).ToListAsync().AsTask()),
            ("Upsert", () => store.Collection.UpsertAsync(SentenceStore.Record("1", "a"))),
        })
        {
            var error = await Assert.ThrowsExactlyAsync<VectorStoreException>(call);
            Assert.IsInstanceOfType<SqliteException>(error.InnerException);
            Assert.AreEqual((operation, "sentences"), (error.OperationName, error.CollectionName));
        }
    }

    [TestMethod]
    public async Task Vectors_of_another_length_and_a_table_of_another_make_are_named()
    {
        using var store = await SentenceStore.WithAsync("a");
        var wrongLength = store.Collection.SearchAsync(new float[] { 1, 2 }, 1);
        var error = await Assert.ThrowsExactlyAsync<VectorStoreException>(() => wrongLength.ToListAsync().AsTask());
        StringAssert.Contains(error.Message, "the query has 2 numbers, the collection's vectors have 4");

        using (var connection = new SqliteConnection($"Data Source={store.Path};Pooling=False"))
        {
            connection.Open();
            using var command = new SqliteCommand("CREATE TABLE others (x TEXT)", connection);
            command.ExecuteNonQuery();
        }
        using var others = new SqliteSentenceCollection(store.Path, "others", new LetterGenerator());
        error = await Assert.ThrowsExactlyAsync<VectorStoreException>(() => others.EnsureCollectionExistsAsync());
        StringAssert.Contains(error.Message, "is no collection of sentences");
    }

    [TestMethod]
    public async Task A_generator_that_leaves_out_vectors_writes_nothing()
    {
        using var store = SentenceStore.Unmade(generator: new LetterGenerator { Missing = 1 });
        await store.Collection.EnsureCollectionExistsAsync();
        SentenceRecord[] two = [SentenceStore.Record("1", "a"), SentenceStore.Record("2", "b")];
        var error = await Assert.ThrowsExactlyAsync<VectorStoreException>(() => store.Collection.UpsertAsync(two));
        StringAssert.Contains(error.Message, "made 1 vectors of 2 texts");
        Assert.IsEmpty(await store.Collection.GetAsync(record => true, 9).ToListAsync());
    }

    [TestMethod]
    public async Task A_collection_that_was_disposed_of_says_so()
    {
        using var store = await SentenceStore.WithAsync("a");
        store.Collection.Dispose();
        store.Collection.Dispose();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => store.Collection.CollectionExistsAsync());
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => store.Collection.UpsertAsync(SentenceStore.Record("1", "a")));
        Assert.ThrowsExactly<ObjectDisposedException>(() => store.Collection.SearchAsync("a", 1));
    }
}
