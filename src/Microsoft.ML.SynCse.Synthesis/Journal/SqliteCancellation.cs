using Microsoft.Data.Sqlite;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>While it is held, a cancelled token ends the statement that a connection is at, however long that one takes.</summary>
/// <remarks>
/// SQLite asks once in so many of its own steps, the pages of an integrity check included. What the statement wrote is rolled back; the
/// file stays as it was.
/// </remarks>
internal sealed class SqliteCancellation : IDisposable
{
    private const int StepsBetweenQuestions = 1000;

    private readonly SqliteConnection _connection;
    private readonly CancellationToken _token;

    /// <summary>Begins.</summary>
    public SqliteCancellation(SqliteConnection connection, CancellationToken cancellationToken)
    {
        (_connection, _token) = (connection, cancellationToken);
        if (!cancellationToken.CanBeCanceled) return;
        int Ends(object? _) => cancellationToken.IsCancellationRequested ? 1 : 0;
        SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, StepsBetweenQuestions, Ends, null);
    }

    /// <summary>What an error says where it is the end that the token made (SQLITE_INTERRUPT); null where it is not.</summary>
    public static OperationCanceledException? EndOf(Exception error, CancellationToken cancellationToken)
        => cancellationToken.IsCancellationRequested && error is SqliteException { SqliteErrorCode: 9 } ? new(null, error, cancellationToken)
            : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_token.CanBeCanceled) SQLitePCL.raw.sqlite3_progress_handler(_connection.Handle, 0, null, null);
    }
}
