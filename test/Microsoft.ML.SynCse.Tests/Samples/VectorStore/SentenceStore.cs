using SynCse.Samples;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A collection in a temporary file.</summary>
internal sealed class SentenceStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SentenceStore(string name, LetterGenerator generator)
    {
        Path = _folder.New("store.db");
        Collection = new SqliteSentenceCollection(Path, name, generator);
    }

    public string Path { get; }

    public SqliteSentenceCollection Collection { get; }

    /// <summary>One that was not made yet.</summary>
    public static SentenceStore Unmade(string name = "sentences", LetterGenerator? generator = null) => new(name, generator ?? new());

    /// <summary>One with records, whose ids are 1, 2, ...</summary>
    public static async Task<SentenceStore> WithAsync(params string[] texts)
    {
        var store = Unmade();
        await store.Collection.EnsureCollectionExistsAsync();
        await store.Collection.UpsertAsync(texts.Select((text, i) => Record($"{i + 1}", text)));
        return store;
    }

    public static SentenceRecord Record(string id, string text, string source = "a file")
        => new() { Id = id, Text = text, Source = source };

    public void Dispose()
    {
        Collection.Dispose();
        _folder.Dispose();
    }
}
