using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>Opens a journal's SQLite file for this process alone; a file that is no sound journal is refused and left as it is.</summary>
/// <remarks>
/// WAL with <c>locking_mode=EXCLUSIVE</c>: the lock is the operating system's and goes with the process, however it ends.
/// <c>synchronous=FULL</c>: a commit is on disk before it counts, also against a power cut; commits are made in groups
/// (<see cref="JournalQueue"/>), so one flush serves many requests.
/// </remarks>
internal static class JournalFile
{
    // SQLITE_IOERR_WRITE: SQLite gives this, and not SQLITE_FULL, if a file may not grow beyond a size.
    private const int WriteFailed = 10 | (3 << 8);

    /// <summary>Called before a file is checked, on the thread that does; for tests.</summary>
    internal static Action<string>? Checking { get; set; }

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] _magic = Encoding.ASCII.GetBytes("SQLite format 3\0");

    /// <summary>Opens or creates; called by the journal's own thread, since it reads the whole file once.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="temporary">Whether nothing of it must outlive a power cut.</param>
    /// <param name="wait">How long to wait for another process that has it open.</param>
    /// <param name="cancellationToken">Ends the wait and the check; the file is then as it was.</param>
    /// <exception cref="IOException">Another process has it open, or it cannot be opened.</exception>
    /// <exception cref="InvalidDataException">It is no journal, damaged, or of a later version.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public static SqliteConnection Open(string path, bool temporary, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool fresh = CreateIfMissing(path);
        if (!fresh) CheckMagic(path);
        var until = DateTime.UtcNow + wait;
        while (true)
        {
            var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
            try
            {
                connection.Open();
                using var cancellation = new SqliteCancellation(connection, cancellationToken);
                Prepare(connection, path, temporary);
                foreach (string? beside in new[] { "-wal", "-shm" }) PrivateFile.Protect(path + beside);
                return connection;
            }
            catch (SqliteException error) when (IsBusy(error) && DateTime.UtcNow < until)
            {
                connection.Dispose();
            }
            catch (Exception error)
            {
                connection.Dispose();
                if (SqliteCancellation.EndOf(error, cancellationToken) is { } end) throw end;
                if (Explain(error, path) is { } explained) throw explained;
                throw;
            }
            cancellationToken.WaitHandle.WaitOne(_poll);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>One clear error for what SQLite says; null if the error is not SQLite's.</summary>
    public static Exception? Explain(Exception error, string path) => error switch
    {
        SqliteException sqlite when IsBusy(sqlite) => new IOException(
            $"The journal '{path}' is open in another process. Wait until it has ended, or give another JournalPath; a journal serves one "
                + "process at a time.", error),
        SqliteException { SqliteErrorCode: 11 or 26 } => Damaged(path, error.Message, error),
        SqliteException { SqliteErrorCode: 13 } or SqliteException { SqliteExtendedErrorCode: WriteFailed }
            => new IOException($"The journal '{path}' cannot grow: the disk is full, or the process's limit of file sizes is reached. "
                + "What was written before is kept.", error),
        SqliteException { SqliteErrorCode: 8 or 14 } => new IOException(
            $"The journal '{path}' cannot be written: {error.Message} Check that the file and its folder are writable.", error),
        SqliteException => new IOException($"The journal '{path}' cannot be used: {error.Message}", error),
        _ => null,
    };

    private static bool CreateIfMissing(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > 0 }) return false;
        if (Directory.Exists(path)) throw new IOException($"The journal '{path}' is a folder; give the name of a file.");
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new DirectoryNotFoundException($"The folder of the journal '{path}' does not exist; create it first.");
        try
        {
            // No other user may read what users wrote. On Unix SQLite gives its side files the mode of this one; on Windows they are seen
            // to once they are there.
            PrivateFile.Create(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The journal '{path}' cannot be created: {error.Message}", error);
        }
        return true;
    }

    private static void CheckMagic(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] start = new byte[_magic.Length];
            if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual(_magic))
                return;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"The journal '{path}' cannot be read: {error.Message}", error);
        }
        throw new InvalidDataException(
            $"'{path}' is not a journal of Microsoft.ML.SynCse but some other file; it was left as it is. Give another JournalPath.");
    }

    private static void Prepare(SqliteConnection connection, string path, bool temporary)
    {
        Execute(connection, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;");
        // Before anything is written: a foreign file must stay as it is.
        long id = Number(connection, "PRAGMA application_id"), tables = Number(connection, "SELECT COUNT(*) FROM sqlite_schema");
        if (id != JournalFormat.ApplicationId && tables > 0)
            throw new InvalidDataException($"'{path}' is an SQLite database, but not a journal of Microsoft.ML.SynCse; "
                + "it was left as it is. Give another JournalPath.");
        long version = Number(connection, "PRAGMA user_version");
        if (version > JournalFormat.Version)
            throw new InvalidDataException(
                $"The journal '{path}' was written by a later Microsoft.ML.SynCse (format {version}; this one reads up to "
                    + $"{JournalFormat.Version}). Update the package.");
        if (tables > 0)
        {
            // All of it, also after a clean end: a page that rotted or a copy cut short shows here, and not after the requests that would
            // be paid for before it was met.
            Checking?.Invoke(path);
            string state = Text(connection, "PRAGMA quick_check(1)");
            if (state != "ok") throw Damaged(path, state, null);
        }
        Execute(connection, $"PRAGMA journal_mode=WAL; PRAGMA synchronous={(temporary ? "OFF" : "FULL")}; BEGIN IMMEDIATE; COMMIT;");
        if (tables > 0)
        {
            // Journals of before them: once, on this thread. Libraries of before them keep them up too, as SQLite does.
            Execute(connection, JournalFormat.PageIndex + JournalFormat.OptionsIndex);
            return;
        }
        string marks = $"PRAGMA application_id={JournalFormat.ApplicationId}; PRAGMA user_version={JournalFormat.Version};";
        Execute(connection, $"BEGIN; {JournalFormat.Tables} {JournalFormat.PageIndex} {JournalFormat.OptionsIndex} {marks} COMMIT;");
    }

    private static InvalidDataException Damaged(string path, string what, Exception? inner)
        => new($"The journal '{path}' is damaged ({what}); it was left as it is. Restore a copy, save what is readable "
            + "with sqlite3's .recover, or give another JournalPath.", inner);

    // SQLITE_BUSY, SQLITE_LOCKED
    private static bool IsBusy(SqliteException error) => error.SqliteErrorCode is 5 or 6;

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
        => Convert.ToInt64(Scalar(connection, sql), System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(SqliteConnection connection, string sql) => Scalar(connection, sql) as string ?? "";

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}

/// <summary>The tables of a journal, and how a file is known to be one.</summary>
internal static class JournalFormat
{
    /// <summary>SQLite's application id: "SynC".</summary>
    public const int ApplicationId = 0x53796E43;

    /// <summary>Raised when an older library could not read what is written.</summary>
    public const int Version = 1;

    /// <summary>
    /// One row of <c>request</c> is one attempt: written as <c>sent</c> before it leaves, finished when its reply is read or it fails.
    /// <c>lost</c> was in flight at a kill.
    /// </summary>
    public const string Tables = """
        CREATE TABLE request (
            row INTEGER PRIMARY KEY,
            attempt TEXT NOT NULL,
            key BLOB NOT NULL,
            kind TEXT NOT NULL,
            prompts TEXT,
            model TEXT,
            state TEXT NOT NULL CHECK (state IN ('sent', 'accepted', 'rejected', 'faulted', 'lost')),
            fault TEXT,
            rejected_by TEXT,
            reason TEXT,
            reply TEXT,
            finish TEXT,
            input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            usage_known INTEGER NOT NULL DEFAULT 0,
            sent_at INTEGER NOT NULL,
            took_ms INTEGER
        ) STRICT;
        CREATE INDEX request_by_key ON request (key);
        CREATE TABLE outcome (
            anchor_key BLOB PRIMARY KEY,
            options_key BLOB,
            position INTEGER NOT NULL,
            anchor TEXT NOT NULL,
            positives TEXT,
            negatives TEXT,
            scores TEXT,
            rejected_because TEXT,
            attempts INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            genre TEXT,
            topic TEXT
        ) STRICT;
        CREATE TABLE score (key BLOB PRIMARY KEY, value REAL NOT NULL) STRICT, WITHOUT ROWID;
        """;

    /// <summary>Accepted outcomes in the order in which they are read page by page (<see cref="JournalTables.AcceptedAfter"/>).</summary>
    public const string PageIndex
        = "CREATE INDEX IF NOT EXISTS outcome_by_position ON outcome (position, anchor_key) WHERE positives IS NOT NULL;";

    /// <summary>Accepted outcomes by the options they were made with (<see cref="JournalTables.FindAccepted"/>).</summary>
    public const string OptionsIndex = "CREATE INDEX IF NOT EXISTS outcome_by_options ON outcome (options_key) "
        + "WHERE positives IS NOT NULL AND options_key IS NOT NULL;";
}

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

    /// <summary>Watches the token from here on.</summary>
    public SqliteCancellation(SqliteConnection connection, CancellationToken cancellationToken)
    {
        (_connection, _token) = (connection, cancellationToken);
        if (!cancellationToken.CanBeCanceled) return;
        int Ends(object? _) => cancellationToken.IsCancellationRequested ? 1 : 0;
        SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, StepsBetweenQuestions, Ends, null);
    }

    /// <summary>
    /// The cancellation that an error stands for, if the token ended the statement (SQLITE_INTERRUPT); null if it is not.
    /// </summary>
    public static OperationCanceledException? EndOf(Exception error, CancellationToken cancellationToken)
        => cancellationToken.IsCancellationRequested && error is SqliteException { SqliteErrorCode: 9 }
            ? new(null, error, cancellationToken)
            : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_token.CanBeCanceled) SQLitePCL.raw.sqlite3_progress_handler(_connection.Handle, 0, null, null);
    }
}
