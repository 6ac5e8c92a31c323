using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.VectorData;
using SQLitePCL;

namespace SynCse.Samples;

/// <summary>The table of one collection, for many threads. A failure of the database is a <see cref="VectorStoreException"/>.</summary>
/// <remarks>
/// Each operation has a connection of its own, since a connection serves one thread at a time. With the write-ahead log, readers and a
/// writer do not wait for each other. Writers of this process wait here, in turn and without a thread; for those of others SQLite waits.
/// </remarks>
internal sealed class SqliteTable : IDisposable
{
    public const string SystemName = "sqlite";
    private const string Models = "collection_model", Memory = ":memory:";
    private const int BusySeconds = 30;
    private readonly string _connectionString, _model;
    private readonly SemaphoreSlim _writing = new(1, 1);

    // Keeps a database in memory alive, and SQLite from folding in the log after each operation.
    private readonly SqliteConnection _kept;
    private volatile bool _isDisposed;

    /// <param name="path">The file, or <c>:memory:</c>.</param>
    /// <param name="name">The collection's name: letters and digits.</param>
    /// <param name="model">What makes its vectors; those of two models must not meet in one table.</param>
    /// <exception cref="VectorStoreException">The file is no database.</exception>
    public SqliteTable(string path, string name, string model)
    {
        (Path, Name, _model, _connectionString) = (path, name, model, ConnectionString(path));
        SqliteConnection? connection = null;
        try
        {
            connection = SqliteVectors.Open(_connectionString);
            connection.HasTable(name);              // SQLite looks into the file at the first question
            _kept = connection;
        }
        catch (SqliteException error)
        {
            connection?.Dispose();
            throw Failure("Open", $"'{path}' cannot be opened as a SQLite database: {error.Message}", error);
        }
    }

    public string Path { get; }

    public string Name { get; }

    /// <summary>The name as SQL has it: quoted, since it may be a word of SQL or begin with a digit.</summary>
    public string Quoted => $"\"{Name}\"";

    public Task<bool> ExistsAsync(string operation, CancellationToken cancellationToken) => RunAsync(operation, () =>
    {
        using var connection = SqliteVectors.Open(_connectionString);
        return connection.HasTable(Name);
    }, cancellationToken);

    /// <summary>Makes the table if it does not exist.</summary>
    public Task EnsureExistsAsync(string operation, CancellationToken cancellationToken) => TransactAsync(operation, connection =>
    {
        connection.Execute($"CREATE TABLE IF NOT EXISTS {Models} (collection TEXT PRIMARY KEY, model TEXT NOT NULL)");
        if (!connection.HasTable(Name))
        {
            connection.Execute($"CREATE TABLE {Quoted} "
                + "(id TEXT PRIMARY KEY, text TEXT NOT NULL, source TEXT NOT NULL, vector BLOB NOT NULL)");
            connection.Execute($"DELETE FROM {Models} WHERE collection = $name COLLATE NOCASE", ("$name", Name));
            connection.Execute($"INSERT INTO {Models} VALUES ($name, $model)", ("$name", Name), ("$model", _model));
        }
        EnsureUsable(operation, connection);
    }, cancellationToken);

    /// <summary>Drops the table if it exists.</summary>
    public Task EnsureDeletedAsync(string operation, CancellationToken cancellationToken) => TransactAsync(operation, connection =>
    {
        connection.Execute($"DROP TABLE IF EXISTS {Quoted}");
        if (!connection.HasTable(Models)) return;
        connection.Execute($"DELETE FROM {Models} WHERE collection = $name COLLATE NOCASE", ("$name", Name));
    }, cancellationToken);

    /// <summary>Runs statements that change the table, all of them or none.</summary>
    public Task WriteAsync(string operation, Action<SqliteConnection> write, CancellationToken cancellationToken)
        => TransactAsync(operation, connection =>
        {
            EnsureUsable(operation, connection);
            write(connection);
        }, cancellationToken);

    /// <summary>Rows, one at a time, as they were when the first was read.</summary>
    public async IAsyncEnumerable<T> ReadAsync<T>(string operation, string sql, Func<SqliteDataReader, T> read,
        (string Name, object Value)[] values, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        using var connection = Guard(operation, () => SqliteVectors.Open(_connectionString), cancellationToken);
        using var interruption = InterruptWith(connection, cancellationToken);
        using var command = connection.NewCommand(sql, values);
        // SQLite works on its caller's thread, and sorts before it gives the first row.
        using var reader = await RunAsync(operation, () =>
        {
            EnsureUsable(operation, connection);
            return command.ExecuteReader();
        }, cancellationToken);
        while (Guard(operation, reader.Read, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Guard(operation, () => read(reader), cancellationToken);
        }
    }

    /// <summary>A failure that tells where it happened.</summary>
    public VectorStoreException Failure(string operation, string message, Exception? error = null)
        => new(message, error)
        {
            VectorStoreSystemName = SystemName,
            VectorStoreName = Path,
            CollectionName = Name,
            OperationName = operation,
        };

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteSentenceCollection));

    public void Dispose()
    {
        _isDisposed = true;
        _kept.Dispose();
    }

    private static string ConnectionString(string path)
    {
        var builder = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusySeconds };
        if (path == Memory)
        {
            // Otherwise every connection has an empty database of its own.
            builder.DataSource = $"syncse-{Guid.NewGuid():N}";
            (builder.Mode, builder.Cache) = (SqliteOpenMode.Memory, SqliteCacheMode.Shared);
        }
        return builder.ToString();
    }

    private async Task TransactAsync(string operation, Action<SqliteConnection> write, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await RunAsync(operation, () =>
            {
                using var connection = SqliteVectors.Open(_connectionString);
                connection.Execute("PRAGMA journal_mode = WAL");                // no change where it is so already
                using var interruption = InterruptWith(connection, cancellationToken);
                using var transaction = connection.BeginTransaction();
                write(connection);
                cancellationToken.ThrowIfCancellationRequested();
                transaction.Commit();
                return true;
            }, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    // Ends a statement that is at work. The connection lives until the registration is gone.
    private static CancellationTokenRegistration InterruptWith(SqliteConnection connection, CancellationToken cancellationToken)
        => cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle));

    private void EnsureUsable(string operation, SqliteConnection connection)
    {
        if (!connection.HasTable(Name))
            throw Failure(operation, $"'{Path}' has no collection '{Name}': EnsureCollectionExistsAsync makes it.");
        string? model = connection.HasTable(Models)
            ? (string?)connection.Scalar($"SELECT model FROM {Models} WHERE collection = $name COLLATE NOCASE", ("$name", Name)) : null;
        if (model is null)
        {
            throw Failure(operation, $"The table '{Name}' in '{Path}' is no collection of sentences: nothing says which model "
                + "made its vectors. Use another name, or another file.");
        }
        if (model != _model)
        {
            throw Failure(operation, $"The vectors in '{Path}' were made by the model {model}; this one is {_model}. "
                + "Use the same model, or another file.");
        }
    }

    private Task<T> RunAsync<T>(string operation, Func<T> work, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return Task.Run(() => Guard(operation, work, cancellationToken), cancellationToken);
    }

    private T Guard<T>(string operation, Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return work();
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception error) when (error is SqliteException or InvalidCastException)     // the latter: a column that holds another kind
        {
            throw Failure(operation, $"{operation} failed on collection '{Name}' of '{Path}': {error.Message}", error);
        }
    }
}
