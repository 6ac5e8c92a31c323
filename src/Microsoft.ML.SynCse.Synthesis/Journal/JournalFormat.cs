namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>The tables of a journal, and how a file is known to be one.</summary>
internal static class JournalFormat
{
    /// <summary>SQLite's application id: "SynC".</summary>
    public const int ApplicationId = 0x53796E43;

    /// <summary>Raised when an older library could not read what is written.</summary>
    public const int Version = 1;

    /// <summary>One row of <c>request</c> is one attempt: written as <c>sent</c> before it leaves, finished when its reply is read or it fails. <c>lost</c> was in flight at a kill.</summary>
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
