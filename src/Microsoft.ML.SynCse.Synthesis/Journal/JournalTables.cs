using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>The statements on a journal, prepared once; called by one thread at a time (<see cref="JournalQueue"/>).</summary>
internal sealed partial class JournalTables(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    /// <summary>Writes a request that is about to leave; returns its row.</summary>
    public long Begin(AttemptStart start)
    {
        Run($"""
            INSERT INTO request (attempt, key, kind, prompts, model, state, input_tokens, output_tokens, sent_at)
            VALUES ($1, $2, $3, $4, $5, '{JournalNames.Sent}', $6, $7, $8)
            """,
            start.Attempt, start.Key, start.Kind.JournalName(), start.Prompts, start.Model, start.InputTokens, start.OutputTokens,
            start.SentAt.ToUnixTimeMilliseconds());
        return SQLitePCL.raw.sqlite3_last_insert_rowid(connection.Handle);
    }

    /// <summary>Writes how a request ended.</summary>
    public void End(long row, AttemptEnd end) => Run(
        """
        UPDATE request SET state = $2, fault = $3, rejected_by = $4, reason = $5, reply = $6, finish = $7,
            input_tokens = $8, output_tokens = $9, usage_known = $10, took_ms = $11
        WHERE row = $1
        """,
        row, end.State.JournalName(), end.Fault, end.RejectedBy, end.Reason, end.Reply, end.Finish,
        end.InputTokens, end.OutputTokens, end.UsageKnown ? 1L : 0L, (long)end.Took.TotalMilliseconds);

    /// <summary>Removes a request that never left.</summary>
    public void Forget(long row) => Run("DELETE FROM request WHERE row = $1", row);

    /// <summary>Writes another verdict on a reply.</summary>
    public void ChangeVerdict(long row, AttemptState state, string? rejectedBy, string? reason)
        => Run("UPDATE request SET state = $2, rejected_by = $3, reason = $4 WHERE row = $1", row, state.JournalName(), rejectedBy, reason);

    /// <summary>The first reply to a request, if one was read.</summary>
    public StoredReply? FindReply(byte[] key)
    {
        using var reader = Query($"""
            SELECT row, reply, finish, input_tokens, output_tokens, rejected_by, fault, reason
            FROM request WHERE key = $1 AND state IN {WithReply} ORDER BY row LIMIT 1
            """, key);
        if (!reader.Read()) return null;
        string? fault = TextOrNull(reader, 6);
        return new StoredReply(reader.GetInt64(0), TextOrNull(reader, 1) ?? "", TextOrNull(reader, 2), reader.GetInt64(3),
            reader.GetInt64(4))
        {
            RejectedBy = TextOrNull(reader, 5),
            Refused = fault is null ? null : new SynthesisFault(SynthesisFaultKind.Refused, fault) { Message = TextOrNull(reader, 7) },
            FromJournal = true,
        };
    }

    /// <summary>A sentence's outcome.</summary>
    public OutcomeRow? FindOutcome(byte[] anchorKey)
    {
        using var reader = Query($"SELECT {OutcomeColumns} FROM outcome WHERE anchor_key = $1", anchorKey);
        return reader.Read() ? Outcome(reader) : null;
    }

    /// <summary>An accepted outcome that was made with these options; null if there is none.</summary>
    public OutcomeRow? FindAccepted(byte[] optionsKey)
    {
        using var reader = Query(AcceptedWith, optionsKey);
        return reader.Read() ? Outcome(reader) : null;
    }

    /// <summary>Writes an outcome, unless the sentence has an accepted one; returns whether it was written.</summary>
    public bool SaveUnlessAccepted(OutcomeRow row)
    {
        if (FindOutcome(row.AnchorKey) is { Outcome.Example: not null }) return false;
        SaveOutcome(row);
        return true;
    }

    /// <summary>Writes a sentence's outcome in place of an earlier one.</summary>
    public void SaveOutcome(OutcomeRow row)
    {
        var o = row.Outcome;
        Run(
            $"INSERT OR REPLACE INTO outcome ({OutcomeColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            row.AnchorKey, row.OptionsKey, row.Position, o.Anchor, ToJson(o.Example?.Positives), ToJson(o.Example?.Negatives),
            o.Scores is null ? null : JsonSerializer.Serialize(o.Scores, OutcomeJson.Readable.IReadOnlyDictionaryStringDouble),
            o.RejectionReason?.ToString(), (long)o.Attempts, o.InputTokens, o.OutputTokens, o.Genre, o.Topic);
    }

    /// <summary>A page of accepted outcomes in the order of their positions, after the last one of the page before.</summary>
    public List<OutcomeRow> AcceptedAfter(long position, byte[] anchorKey, int count)
    {
        using var reader = Query(AcceptedPage, position, anchorKey, (long)count);
        List<OutcomeRow> rows = [];
        while (reader.Read()) rows.Add(Outcome(reader));
        return rows;
    }

    /// <summary>What a pair check measured before.</summary>
    public double? FindScore(byte[] key)
    {
        using var reader = Query("SELECT value FROM score WHERE key = $1", key);
        return reader.Read() ? reader.GetDouble(0) : null;
    }

    /// <summary>Keeps what a pair check measured.</summary>
    public void SaveScore(byte[] key, double value) => Run("INSERT OR REPLACE INTO score (key, value) VALUES ($1, $2)", key, value);

    /// <summary>
    /// Requests that are still <c>sent</c> when a journal is opened were in flight when its process was killed. They may have been billed.
    /// </summary>
    public void MarkLost()
        => Run($"UPDATE request SET state = '{JournalNames.Lost}' WHERE state = '{JournalNames.Sent}'");

    /// <summary>What all requests used.</summary>
    public JournalTotals Totals()
    {
        using var reader = Query("SELECT COUNT(*), COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0) FROM request");
        reader.Read();
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>What replies to requests for one text used.</summary>
    public LearnedUsage Learned()
    {
        using var reader = Query($"""
            SELECT COUNT(*), COALESCE(SUM(state = '{JournalNames.Rejected}'), 0),
                COALESCE(AVG(input_tokens), 0.0), COALESCE(AVG(output_tokens), 0.0)
            FROM request
            WHERE kind IN ('{JournalNames.Positive}', '{JournalNames.Negative}') AND state IN {WithReply} AND usage_known = 1
            """);
        reader.Read();
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetDouble(2), reader.GetDouble(3));
    }

    /// <summary>All of a report but why the last run stopped.</summary>
    public SynthesisReport Report(TokenPrices? prices)
    {
        var totals = Totals();
        var states = Counts("SELECT state, COUNT(*) FROM request GROUP BY state");
        return new SynthesisReport
        {
            Sentences = Number("SELECT COUNT(*) FROM outcome"),
            Accepted = Number("SELECT COUNT(*) FROM outcome WHERE positives IS NOT NULL"),
            RejectedSentences = Rejections(),
            Requests = totals.Requests,
            AcceptedRequests = states.GetValueOrDefault(JournalNames.Accepted),
            RejectedRequests = states.GetValueOrDefault(JournalNames.Rejected),
            FaultedRequests = Counts($"SELECT fault, COUNT(*) FROM request WHERE state = '{JournalNames.Faulted}' GROUP BY fault"),
            LostRequests = states.GetValueOrDefault(JournalNames.Lost),
            RejectedTexts = Counts("SELECT rejected_by, COUNT(*) FROM request WHERE rejected_by IS NOT NULL GROUP BY rejected_by"),
            InputTokens = totals.InputTokens,
            OutputTokens = totals.OutputTokens,
            RequestsWithoutUsage = Number($"SELECT COUNT(*) FROM request WHERE usage_known = 0 AND state <> '{JournalNames.Sent}'"),
            Cost = prices?.Cost(totals.InputTokens, totals.OutputTokens),
        };
    }

    /// <summary>A count for each value that a query groups by; its rows are (text, count).</summary>
    private SortedDictionary<string, long> Counts(string sql)
    {
        using var reader = Query(sql);
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        while (reader.Read())
        {
            // Several rules of one reply stand in one field, with commas between.
            foreach (string name in reader.GetString(0).Split(','))
                counts[name] = counts.GetValueOrDefault(name) + reader.GetInt64(1);
        }
        return counts;
    }

    /// <summary>
    /// Sentences that were rejected, by why; reasons that differ in words with digits alone (a provider's count of tokens, its id of the
    /// request) count as one, under the words that come first.
    /// </summary>
    private SortedDictionary<string, long> Rejections()
    {
        using var reader = Query("""
            SELECT rejected_because, COUNT(*) FROM outcome WHERE rejected_because IS NOT NULL
            GROUP BY rejected_because ORDER BY rejected_because
            """);
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        Dictionary<string, string> first = new(StringComparer.Ordinal);
        while (reader.Read())
        {
            string reason = reader.GetString(0);
            // The part before the words stays as it is: "positive 2: refused" is not "positive 3: refused".
            int words = reason.IndexOf('(', StringComparison.Ordinal);
            string alike = words < 0 ? reason : reason[..words] + WithDigits().Replace(reason[words..], "#");
            string name = first.TryGetValue(alike, out string? known) ? known : first[alike] = reason;
            counts[name] = counts.GetValueOrDefault(name) + reader.GetInt64(1);
        }
        return counts;
    }

    /// <summary>The one number that a query gives; 0 for none.</summary>
    private long Number(string sql)
    {
        using var reader = Query(sql);
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : 0;
    }

    /// <summary>Runs a statement without values.</summary>
    public void Execute(string sql) => Run(sql);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
    }

    /// <summary>
    /// Reads a page by <see cref="JournalFormat.PageIndex"/>: the condition must be the index's own, and the order its columns.
    /// </summary>
    internal const string AcceptedPage = $"""
        SELECT {OutcomeColumns} FROM outcome
        WHERE positives IS NOT NULL AND (position, anchor_key) > ($1, $2) ORDER BY position, anchor_key LIMIT $3
        """;

    /// <summary>Reads by <see cref="JournalFormat.OptionsIndex"/>: the conditions must imply the index's own.</summary>
    internal const string AcceptedWith = $"SELECT {OutcomeColumns} FROM outcome WHERE options_key = $1 AND positives IS NOT NULL LIMIT 1";

    private const string WithReply = $"('{JournalNames.Accepted}', '{JournalNames.Rejected}')";

    private const string OutcomeColumns = "anchor_key, options_key, position, anchor, positives, negatives, scores, rejected_because, "
        + "attempts, input_tokens, output_tokens, genre, topic";

    [GeneratedRegex(@"[\w\-./]*[0-9][\w\-./]*")]
    private static partial Regex WithDigits();

    private static OutcomeRow Outcome(SqliteDataReader reader)
    {
        string anchor = reader.GetString(3);
        var (positives, negatives) = (Texts(reader, 4), Texts(reader, 5));
        return new OutcomeRow(reader.GetFieldValue<byte[]>(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1),
            reader.GetInt64(2), new()
            {
                Anchor = anchor,
                Example = positives is null || negatives is null ? null : new(anchor, positives, negatives),
                Scores = TextOrNull(reader, 6) is { } scores
                ? JsonSerializer.Deserialize(scores, OutcomeJson.Readable.IReadOnlyDictionaryStringDouble) : null,
                RejectionReason = TextOrNull(reader, 7) is { } reason ? RejectionReason.Parse(reason) : null,
                Attempts = reader.GetInt32(8),
                FromJournal = true,
                InputTokens = reader.GetInt64(9),
                OutputTokens = reader.GetInt64(10),
                Genre = TextOrNull(reader, 11),
                Topic = TextOrNull(reader, 12),
            });
    }

    private static string? ToJson(IReadOnlyList<string>? texts)
        => texts is null ? null : JsonSerializer.Serialize(texts, OutcomeJson.Readable.IReadOnlyListString);

    private static IReadOnlyList<string>? Texts(SqliteDataReader reader, int column)
        => TextOrNull(reader, column) is { } json ? JsonSerializer.Deserialize(json, OutcomeJson.Readable.IReadOnlyListString) : null;

    private static string? TextOrNull(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private void Run(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteNonQuery();

    private SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteReader();

    private SqliteCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i.ToString(CultureInfo.InvariantCulture) });
            _commands.Add(sql, command);
        }
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}

/// <summary>The lists inside a row of outcomes.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, double>))]
[JsonSerializable(typeof(TripletLine))]
internal sealed partial class OutcomeJson : JsonSerializerContext
{
    /// <summary>Leaves letters of all scripts as they are.</summary>
    public static OutcomeJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
