namespace Microsoft.ML.SynCse;

/// <summary>A read or write that waits for its turn on the journal.</summary>
internal interface IJournalWork
{
    /// <summary>Whether it changes the journal, and so counts only when its group is committed.</summary>
    bool Writes { get; }

    /// <summary>Does it.</summary>
    void Run(JournalTables tables);

    /// <summary>Tells the waiting caller that it is done.</summary>
    void Complete();

    /// <summary>Tells the waiting caller that it failed.</summary>
    void Fail(Exception error);
}
