using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>A collection of Microsoft.Extensions.VectorData in one SQLite table.</summary>
/// <remarks>
/// Every search reads all rows: exact, and quick enough up to some hundred thousand. Code written against
/// <see cref="VectorStoreCollection{TKey, TRecord}"/> runs unchanged over a connector with an index (SqliteVec, Qdrant, ...). Safe for use
/// by many threads, as a singleton is. Arguments are checked at the call, before anything is awaited or enumerated; what the database
/// cannot do is a <see cref="VectorStoreException"/>.
/// </remarks>
internal sealed class SqliteSentenceCollection : VectorStoreCollection<string, SentenceRecord>
{
    private const int KeysAtOnce = 500;                                         // SQLite bounds the values in a statement
    private const string Columns = "id, text, source, vector";
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator, _queries;
    private readonly SqliteTable _table;

    /// <param name="path">The SQLite file, or <c>:memory:</c>.</param>
    /// <param name="name">Letters and digits; SQLite takes names that differ in case only for one.</param>
    /// <param name="generator">Makes the vectors. It stays its owner's.</param>
    /// <param name="queries">Makes the vectors of what is searched for, with the same encoder. Default:
    /// <paramref name="generator"/>.</param>
    public SqliteSentenceCollection(
        string path, string name, IEmbeddingGenerator<string, Embedding<float>> generator,
            IEmbeddingGenerator<string, Embedding<float>>? queries = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(generator);
        if (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException($"The collection's name '{name}' must be letters and digits.", nameof(name));
        // Not the model's id alone: the same weights in another precision make other vectors.
        string model = EmbeddingIdentity.Of(generator)
            ?? throw new ArgumentException("The generator's metadata names no model.", nameof(generator));
        (_generator, _queries, _table) = (generator, queries ?? generator, new SqliteTable(path, name, model));
    }

    /// <inheritdoc/>
    public override string Name => _table.Name;

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
        => _table.ExistsAsync("CollectionExists", cancellationToken);

    /// <summary>Makes the table if it does not exist.</summary>
    /// <exception cref="VectorStoreException">The table's vectors were made by another model.</exception>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
        => _table.EnsureExistsAsync("EnsureCollectionExists", cancellationToken);

    /// <summary>Deletes the table if it exists.</summary>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
        => _table.EnsureDeletedAsync("EnsureCollectionDeleted", cancellationToken);

    /// <inheritdoc/>
    public override Task<SentenceRecord?> GetAsync(string key, RecordRetrievalOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return GetAsync([key], options, cancellationToken).FirstOrDefaultAsync(cancellationToken).AsTask();
    }

    /// <summary>The records of the keys that are there, in the keys' order; a key that is given twice gives one record.</summary>
    public override IAsyncEnumerable<SentenceRecord> GetAsync(IEnumerable<string> keys, RecordRetrievalOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        _table.ThrowIfDisposed();
        return ByKeysAsync(Keys(keys), options?.IncludeVectors == true, cancellationToken);
    }

    /// <summary>The records that the filter lets through, by the options' OrderBy and then by key.</summary>
    public override IAsyncEnumerable<SentenceRecord> GetAsync(Expression<Func<SentenceRecord, bool>> filter, int top,
        FilteredRecordRetrievalOptions<SentenceRecord>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        _table.ThrowIfDisposed();
        string sql = $"SELECT {Columns} FROM {_table.Quoted} ORDER BY {SentenceOrder.Sql(options)}";
        return ReadAsync("Get", sql, [], filter, options?.IncludeVectors == true, cancellationToken)
            .Select(row => row.Record).Skip(options?.Skip ?? 0).Take(top);
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return DeleteAsync([key], cancellationToken);
    }

    /// <summary>Deletes the records of the keys, all of them or none; keys that are not there are passed over.</summary>
    public override Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        string[] all = Keys(keys);
        return all.Length == 0 ? Task.CompletedTask : _table.WriteAsync("Delete", connection =>
        {
            foreach (string key in all) connection.Execute($"DELETE FROM {_table.Quoted} WHERE id = $id", ("$id", key));
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task UpsertAsync(SentenceRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    /// <summary>Embeds and writes the records, all of them or none; of two with one key the later stays.</summary>
    public override Task UpsertAsync(IEnumerable<SentenceRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        _table.ThrowIfDisposed();
        var rows = records.ToArray();
        if (rows.Any(row => row is null)) throw new ArgumentException("A record is null.", nameof(records));
        if (rows.Any(row => string.IsNullOrEmpty(row.Id) || row.Text is null || row.Source is null))
            throw new ArgumentException("A record has no Id, or its Text or Source is null.", nameof(records));
        return rows.Length == 0 ? Task.CompletedTask : EmbedAndWriteAsync(rows, cancellationToken);
    }

    /// <summary>The nearest by cosine: a text is embedded first, a vector is taken as it is.</summary>
    public override IAsyncEnumerable<VectorSearchResult<SentenceRecord>> SearchAsync<TInput>(TInput searchValue, int top,
        VectorSearchOptions<SentenceRecord>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        if (options?.VectorProperty is { } property && RecordProperty.NameOf(property) != nameof(SentenceRecord.Vector))
            throw new NotSupportedException($"The vector of a record is its {nameof(SentenceRecord.Vector)}, not '{property.Body}'.");
        _table.ThrowIfDisposed();
        return NearestAsync(SearchVector.Of(searchValue), top, options ?? new(), cancellationToken);
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata))
        {
            return new VectorStoreCollectionMetadata
            {
                VectorStoreSystemName = SqliteTable.SystemName,
                VectorStoreName = _table.Path,
                CollectionName = Name,
            };
        }
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _table.Dispose();
        base.Dispose(disposing);
    }

    private async Task EmbedAndWriteAsync(SentenceRecord[] rows, CancellationToken cancellationToken)
    {
        const string Upsert = "Upsert";
        var vectors = await _generator.GenerateAsync(rows.Select(row => row.Text), cancellationToken: cancellationToken);
        if (vectors.Count != rows.Length)
            throw _table.Failure(Upsert, $"The generator made {vectors.Count} vectors of {rows.Length} texts.");
        string sql = $"INSERT INTO {_table.Quoted} ({Columns}) VALUES ($id, $text, $source, $vector) "
            + "ON CONFLICT (id) DO UPDATE SET text = $text, source = $source, vector = $vector";
        await _table.WriteAsync(Upsert, connection =>
        {
            foreach (var (row, vector) in rows.Zip(vectors))
            {
                cancellationToken.ThrowIfCancellationRequested();
                byte[] blob = SqliteVectors.Blob(vector.Vector);
                connection.Execute(sql, ("$id", row.Id), ("$text", row.Text), ("$source", row.Source), ("$vector", blob));
            }
        }, cancellationToken);
    }

    private async IAsyncEnumerable<VectorSearchResult<SentenceRecord>> NearestAsync(SearchVector query, int top,
        VectorSearchOptions<SentenceRecord> options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var vector = query.Vector;
        if (query.Text is { } text) vector = await _queries.GenerateVectorAsync(text, cancellationToken: cancellationToken);
        string sql = $"SELECT {Columns}, cosine(vector, $query) AS score FROM {_table.Quoted} ORDER BY score DESC, id";
        var values = new[] { ("$query", (object)SqliteVectors.Blob(vector)) };
        var found = ReadAsync("Search", sql, values, options.Filter, options.IncludeVectors, cancellationToken);
        if (options.ScoreThreshold is { } least) found = found.TakeWhile(row => row.Score >= least);
        var results = found.Skip(options.Skip).Take(top).WithCancellation(cancellationToken);
        await foreach (var (record, score) in results) yield return new(record, score);
    }

    private async IAsyncEnumerable<SentenceRecord> ByKeysAsync(string[] keys, bool includeVectors,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string[] some in keys.Chunk(KeysAtOnce))
        {
            (string Name, object Value)[] values = [.. some.Select((key, i) => (FormattableString.Invariant($"$id{i}"), (object)key))];
            string sql = $"SELECT {Columns} FROM {_table.Quoted} WHERE id IN ({string.Join(", ", values.Select(value => value.Name))})";
            var found = await ReadAsync("Get", sql, values, null, includeVectors, cancellationToken)
                .ToDictionaryAsync(row => row.Record.Id, row => row.Record, StringComparer.Ordinal, cancellationToken);
            foreach (string? key in some)
            {
                if (found.TryGetValue(key, out var record)) yield return record;
            }
        }
    }

    // A filter may look at the vector, whether or not the caller wants it.
    private IAsyncEnumerable<(SentenceRecord Record, double Score)> ReadAsync(string operation, string sql,
        (string Name, object Value)[] values, Expression<Func<SentenceRecord, bool>>? filter, bool includeVectors,
        CancellationToken cancellationToken)
    {
        var rows = _table.ReadAsync(operation, sql, row => Row(row, includeVectors || filter is not null), values, cancellationToken);
        if (filter is null) return rows;
        var passes = filter.Compile();
        return rows.Where(row => passes(row.Record)).Select(row =>
        {
            if (!includeVectors) row.Record.Vector = null;
            return row;
        });
    }

    private static (SentenceRecord Record, double Score) Row(SqliteDataReader row, bool withVector)
    {
        var record = new SentenceRecord { Id = row.GetString(0), Text = row.GetString(1), Source = row.GetString(2) };
        if (withVector) record.Vector = SqliteVectors.Floats(row.GetFieldValue<byte[]>(3)).ToArray();
        return (record, row.FieldCount > 4 ? row.GetDouble(4) : 0);
    }

    private static string[] Keys(IEnumerable<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        string[] distinct = [.. keys.Distinct(StringComparer.Ordinal)];
        return distinct.Any(key => key is null) ? throw new ArgumentException("A key is null.", nameof(keys)) : distinct;
    }
}
