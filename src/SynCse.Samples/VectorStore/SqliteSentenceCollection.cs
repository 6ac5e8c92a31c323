using System.Data;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace SynCse.Samples;

/// <summary>A collection of Microsoft.Extensions.VectorData in one SQLite table. Every search reads all rows: exact, and quick enough up to some hundred thousand.</summary>
/// <remarks>Code written against <see cref="VectorStoreCollection{TKey, TRecord}"/> runs unchanged over a connector with an index (SqliteVec, Qdrant, ...).</remarks>
internal sealed class SqliteSentenceCollection(string path, string name, IEmbeddingGenerator<string, Embedding<float>> generator) : VectorStoreCollection<string, SentenceRecord>
{
    private const string Columns = "id, text, source, vector";
    private readonly SqliteConnection _connection = SqliteVectors.Open(path);

    // Vectors of two models must not meet in one table.
    private readonly string _model = generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId ?? throw new ArgumentException("The generator's metadata names no model.", nameof(generator));

    /// <inheritdoc/>
    public override string Name { get; } = name.All(char.IsAsciiLetterOrDigit) && name.Length > 0 ? name : throw new ArgumentException($"The collection's name '{name}' must be letters and digits.", nameof(name));

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        using var command = Command("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $name", ("$name", Name));
        return Task.FromResult((long)command.ExecuteScalar()! > 0);
    }

    /// <summary>Makes the table where there is none.</summary>
    /// <exception cref="VectorStoreException">The table's vectors were made by another model.</exception>
    public override async Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        Run("CREATE TABLE IF NOT EXISTS collection_model (collection TEXT PRIMARY KEY, model TEXT NOT NULL)");
        Run($"CREATE TABLE IF NOT EXISTS {Name} (id TEXT PRIMARY KEY, text TEXT NOT NULL, source TEXT NOT NULL, vector BLOB NOT NULL)");
        Run("INSERT OR IGNORE INTO collection_model VALUES ($name, $model)", ("$name", Name), ("$model", _model));
        using var command = Command("SELECT model FROM collection_model WHERE collection = $name", ("$name", Name));
        var model = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (model != _model) throw new VectorStoreException($"The vectors in '{path}' were made by the model {model}; this one is {_model}. Use the same model, or another file.");
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        Run($"DROP TABLE IF EXISTS {Name}");
        Run("DELETE FROM collection_model WHERE collection = $name", ("$name", Name));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task<SentenceRecord?> GetAsync(string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
        => await ReadAsync($"SELECT {Columns} FROM {Name} WHERE id = $id", options?.IncludeVectors == true, cancellationToken, ("$id", key)).Select(row => row.Record).FirstOrDefaultAsync(cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<SentenceRecord> GetAsync(Expression<Func<SentenceRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<SentenceRecord>? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.OrderBy is not null) throw new NotSupportedException("This collection returns records in the order of their ids; it sorts by nothing else.");
        return ReadAsync($"SELECT {Columns} FROM {Name} ORDER BY id", options?.IncludeVectors == true, cancellationToken)
            .Select(row => row.Record).Where(filter.Compile()).Skip(options?.Skip ?? 0).Take(top);
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        Run($"DELETE FROM {Name} WHERE id = $id", ("$id", key));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task UpsertAsync(SentenceRecord record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    /// <summary>Embeds and writes the records, all of them or none.</summary>
    public override async Task UpsertAsync(IEnumerable<SentenceRecord> records, CancellationToken cancellationToken = default)
    {
        var rows = records.ToList();
        var vectors = await generator.GenerateAsync(rows.Select(row => row.Text), cancellationToken: cancellationToken);
        using var transaction = _connection.BeginTransaction();
        foreach (var (row, vector) in rows.Zip(vectors))
        {
            Run($"INSERT INTO {Name} ({Columns}) VALUES ($id, $text, $source, $vector) ON CONFLICT (id) DO UPDATE SET text = $text, source = $source, vector = $vector",
                ("$id", row.Id), ("$text", row.Text), ("$source", row.Source), ("$vector", SqliteVectors.Blob(vector.Vector)));
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The nearest by cosine: a text is embedded first, a vector is taken as it is.</summary>
    public override async IAsyncEnumerable<VectorSearchResult<SentenceRecord>> SearchAsync<TInput>(TInput searchValue, int top, VectorSearchOptions<SentenceRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<float> query = searchValue switch
        {
            string text => await generator.GenerateVectorAsync(text, cancellationToken: cancellationToken),
            ReadOnlyMemory<float> vector => vector,
            float[] vector => vector,
            Embedding<float> embedding => embedding.Vector,
            _ => throw new NotSupportedException($"A search takes a text or a vector of float, not {typeof(TInput)}."),
        };
        options ??= new();
        var found = ReadAsync($"SELECT {Columns}, cosine(vector, $query) AS score FROM {Name} ORDER BY score DESC, id", options.IncludeVectors, cancellationToken, ("$query", SqliteVectors.Blob(query)));
        if (options.Filter?.Compile() is { } filter) found = found.Where(row => filter(row.Record));
        if (options.ScoreThreshold is { } least) found = found.TakeWhile(row => row.Score >= least);
        await foreach (var (record, score) in found.Skip(options.Skip).Take(top).WithCancellation(cancellationToken)) yield return new(record, score);
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata)) return new VectorStoreCollectionMetadata { VectorStoreSystemName = "sqlite", VectorStoreName = path, CollectionName = Name };
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _connection.Dispose();
        base.Dispose(disposing);
    }

    private async IAsyncEnumerable<(SentenceRecord Record, double Score)> ReadAsync(string sql, bool vectors, [EnumeratorCancellation] CancellationToken cancellationToken, params (string Name, object Value)[] values)
    {
        using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var record = new SentenceRecord { Id = reader.GetString(0), Text = reader.GetString(1), Source = reader.GetString(2) };
            if (vectors) record.Vector = SqliteVectors.Floats(reader.GetFieldValue<byte[]>(3)).ToArray();
            yield return (record, reader.FieldCount > 4 ? reader.GetDouble(4) : 0);
        }
    }

    private void Run(string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params (string Name, object Value)[] values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // the only text put into SQL is the collection's name, which is letters and digits
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
