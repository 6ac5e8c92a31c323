using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
public sealed class JournalOpeningTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Clean()
    {
        JournalFile.Checking = null;
        _folder.Dispose();
    }

    [TestMethod]
    public async Task The_check_of_the_file_runs_on_the_journals_thread_and_the_caller_goes_on()
    {
        string path = await WithOutcomesAsync(3);
        using var goOn = new ManualResetEventSlim();
        Thread caller = Thread.CurrentThread, checking = caller;
        JournalFile.Checking = _ =>
        {
            checking = Thread.CurrentThread;
            // Were this the caller's thread, nobody could set it.
            if (checking != caller) goOn.Wait();
        };
        var opening = JournalStore.OpenAsync(path, CancellationToken.None);
        bool completed = opening.IsCompleted;
        goOn.Set();
        var store = await opening;
        await store.CloseAsync();
        Assert.IsFalse(completed);
        Assert.AreEqual("SynCse journal", checking.Name);
        Assert.AreNotSame(caller, checking);
    }

    [TestMethod]
    public async Task A_cancelled_check_ends_and_leaves_a_journal_that_opens()
    {
        string path = await WithOutcomesAsync(2000, textLength: 4000);
        Assert.IsGreaterThan(4 << 20, new FileInfo(path).Length);
        byte[] before = File.ReadAllBytes(path);
        foreach (var open in new Func<CancellationToken, Task>[]
        {
            token => JournalStore.OpenAsync(path, token),
            token => SynthesisJournal.ExportAsync(path, _folder.New("t.jsonl"), token),
            token => Synthesis.CollectAsync(SynthesisJournal.ReadAsync(path, token)),
        })
        {
            using var source = new CancellationTokenSource();
            JournalFile.Checking = _ => source.Cancel();
            var error = await Assert.ThrowsAsync<OperationCanceledException>(() => open(source.Token));
            Assert.AreEqual(source.Token, error.CancellationToken);
        }
        JournalFile.Checking = null;
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        Assert.AreEqual(2000, await SynthesisJournal.ExportAsync(path, _folder.New("t.jsonl")));
    }

    [TestMethod]
    public async Task A_token_ends_whatever_statement_a_connection_is_at()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var source = new CancellationTokenSource();
        using var begun = new ManualResetEventSlim();
        connection.CreateFunction("tell", (long x) =>
        {
            begun.Set();
            return x;
        });
        // Without end but for the token.
        var endless = Task.Run(() =>
        {
            using var cancellation = new SqliteCancellation(connection, source.Token);
            Number(connection, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(tell(x)) FROM n");
        });
        begun.Wait();
        Assert.IsFalse(endless.IsCompleted);
        source.Cancel();
        var error = await Assert.ThrowsExactlyAsync<SqliteException>(() => endless);
        Assert.IsNotNull(SqliteCancellation.EndOf(error, source.Token));
        Assert.IsNull(SqliteCancellation.EndOf(error, CancellationToken.None));
        Assert.AreEqual(1L, Number(connection, "SELECT 1"), "the connection lives on without the token");
    }

    [TestMethod]
    public async Task Others_are_opened_and_closed_while_a_journal_is_checked()
    {
        string path = await WithOutcomesAsync(3);
        using var goOn = new ManualResetEventSlim();
        using var checks = new ManualResetEventSlim();
        JournalFile.Checking = file =>
        {
            if (file != Path.GetFullPath(path)) return;
            checks.Set();
            goOn.Wait();
        };
        var opening = Task.Run(() => JournalStore.OpenAsync(path, CancellationToken.None));
        checks.Wait();
        var other = await JournalStore.OpenAsync(_folder.New("other"), CancellationToken.None);
        await other.CloseAsync();
        Assert.IsFalse(opening.IsCompleted);
        goOn.Set();
        await (await opening).CloseAsync();
    }

    [TestMethod]
    public async Task A_page_is_read_by_an_index_without_sorting_and_a_journal_from_before_gets_it()
    {
        string path = await WithOutcomesAsync(2500);
        foreach (bool old in new[] { false, true })
        {
            if (old) Execute(path, "DROP INDEX outcome_by_position");
            string[] positions = (await Synthesis.CollectAsync(SynthesisJournal.ReadAsync(path))).Select(o => o.Anchor).ToArray();
            CollectionAssert.AreEqual(Enumerable.Range(0, 2500).Select(Anchor).ToArray(), positions);
            string plan = Plan(path, JournalTables.AcceptedPage, 5L, Array.Empty<byte>(), 1000L);
            StringAssert.Contains(plan, "SEARCH outcome USING INDEX outcome_by_position ((position,anchor_key)>(?,?))");
            Assert.IsFalse(plan.Contains("TEMP B-TREE", StringComparison.Ordinal) || plan.Contains("SCAN", StringComparison.Ordinal), plan);
        }
        // A library from before it writes as it did, and SQLite keeps the index.
        Execute(path, """
            INSERT OR REPLACE INTO outcome SELECT * FROM outcome WHERE position < 10;
            UPDATE outcome SET positives = NULL WHERE position = 3
            """);
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        Assert.AreEqual("ok", command.ExecuteScalar());
        Assert.AreEqual(1L, Number(connection, "PRAGMA user_version"));
        connection.Close();
        Assert.HasCount(2499, await Synthesis.CollectAsync(SynthesisJournal.ReadAsync(path)));
    }

    [TestMethod]
    public async Task An_accepted_outcome_with_given_options_is_found_by_an_index_and_a_journal_from_before_gets_it()
    {
        string path = await WithOutcomesAsync(50);
        foreach (bool old in new[] { false, true })
        {
            if (old) Execute(path, "DROP INDEX outcome_by_options");
            var store = await JournalStore.OpenAsync(path, CancellationToken.None);
            Assert.AreEqual(Anchor(0), (await store.ReadAsync(tables => tables.FindAccepted(new byte[32])))!.Outcome.Anchor);
            Assert.IsNull(await store.ReadAsync(tables => tables.FindAccepted([1])));
            await store.CloseAsync();
            Assert.AreEqual("SEARCH outcome USING INDEX outcome_by_options (options_key=?)",
                Plan(path, JournalTables.AcceptedWith, new byte[32]));
        }
    }

    private async Task<string> WithOutcomesAsync(int count, int textLength = 20)
    {
        string path = _folder.New("journal");
        var store = await JournalStore.OpenAsync(path, CancellationToken.None);
        await store.WriteAsync(tables =>
        {
            for (int i = 0; i < count; i++) tables.SaveOutcome(JournalRows.Outcome(i, Anchor(i), new string('p', textLength)));
        });
        await store.CloseAsync();
        return path;
    }

    private static string Anchor(int i) => FormattableString.Invariant($"Sentence {i} of the journal.");

    private static string Plan(string path, string query, params object[] values)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + query;
        for (int i = 0; i < values.Length; i++) command.Parameters.AddWithValue(FormattableString.Invariant($"${i + 1}"), values[i]);
        using var reader = command.ExecuteReader();
        List<string> lines = [];
        while (reader.Read()) lines.Add(reader.GetString(3));
        return string.Join('\n', lines);
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(string path, string sql)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
