namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A read or write that waits for its turn on the journal.</summary>
internal interface IJournalWork
{
    /// <summary>Whether it changes the journal, and so counts only when its group is committed.</summary>
    bool Writes { get; }

    /// <summary>Does it; an error that is not SQLite's is its own, and is kept for its caller.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The journal's trouble, not this work's alone.</exception>
    void Run(JournalTables tables);

    /// <summary>Tells the waiting caller that it is done, or how it failed.</summary>
    void Complete();

    /// <summary>Tells the waiting caller that the journal failed; where it had an error of its own, that.</summary>
    void Fail(Exception error);
}
