using System.Collections.Concurrent;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A journal that is open in this process; all callers that name the same file share it.</summary>
internal sealed class JournalStore
{
    /// <summary>How long another process that has the journal open is waited for.</summary>
    internal static TimeSpan LockWait { get; set; } = TimeSpan.FromSeconds(5);

    private static readonly StringComparer _paths = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
    private static readonly ConcurrentDictionary<string, JournalStore> _opened = new(_paths);

    // One a path: opening a big journal takes a while, and callers that open or close others must not wait for it.
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(_paths);

    private readonly JournalQueue _queue;
    private int _users = 1;

    // What users wrote must not stay in the temporary folder if a model is not disposed: ML.NET's own examples never dispose a model, and a
    // chain whose Fit fails cannot be.
    static JournalStore() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var store in _opened.Values.Where(s => s.IsTemporary).ToArray())
        {
            try
            {
                store.DeleteFiles();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Windows does not delete a file that is open.
            }
        }
    };

    private JournalStore(string path, bool temporary, JournalQueue queue, JournalTotals totals)
        => (Path, IsTemporary, _queue, Ledger) = (path, temporary, queue, new SpendLedger(totals));

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What was used and is reserved.</summary>
    public SpendLedger Ledger { get; }

    /// <summary>Sentences being worked on, by anchor and options, so that equal ones are asked for once.</summary>
    public ConcurrentDictionary<(string Anchor, string OptionsKey), PendingSentence> Pending { get; } = new();

    /// <summary>Requests under way, by key: a caller that wants the same one waits for its reply.</summary>
    public ConcurrentDictionary<UInt128, TaskCompletionSource> UnderWay { get; } = new();

    /// <summary>Whether the file ends with its last user.</summary>
    public bool IsTemporary { get; }

    /// <summary>Opens a journal, or joins the users that have it open.</summary>
    /// <param name="path">The file; null: a temporary one.</param>
    /// <param name="cancellationToken">
    /// Ends the opening, also while the file is checked or another process is waited for; the file stays as it is.
    /// </param>
    /// <exception cref="IOException">Another process has it open, or it cannot be opened.</exception>
    /// <exception cref="InvalidDataException">It is no journal, damaged, or of a later version.</exception>
    public static async Task<JournalStore> OpenAsync(string? path, CancellationToken cancellationToken)
    {
        bool temporary = path is null;
        string full = path is null ? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"syncse-{Guid.NewGuid():N}.journal")
            : System.IO.Path.GetFullPath(path);
        var gate = GateOf(full);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_opened.TryGetValue(full, out var store))
            {
                store._users++;
                return store;
            }
            var (queue, totals) = await JournalQueue.OpenAsync(full, temporary, LockWait, cancellationToken).ConfigureAwait(false);
            return _opened[full] = new JournalStore(full, temporary, queue, totals);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Leaves the journal; the last user closes the file.</summary>
    public async ValueTask CloseAsync()
    {
        var gate = GateOf(Path);
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (--_users > 0) return;
            _opened.TryRemove(Path, out _);
            await _queue.DisposeAsync().ConfigureAwait(false);
            if (!IsTemporary) return;
            _gates.TryRemove(Path, out _);                                                               // no other journal has the name
            DeleteFiles();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Reads; done when its turn comes.</summary>
    public Task<T> ReadAsync<T>(Func<JournalTables, T> read) => _queue.ReadAsync(read);

    /// <summary>Writes; done when it is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<JournalTables, T> write) => _queue.WriteAsync(write);

    /// <summary>Writes; done when it is on disk.</summary>
    public Task WriteAsync(Action<JournalTables> write) => _queue.WriteAsync(write);

    private static SemaphoreSlim GateOf(string path) => _gates.GetOrAdd(path, static _ => new(1, 1));

    private void DeleteFiles()
    {
        foreach (string? suffix in new[] { "", "-wal", "-shm" }) FileReplacement.Delete(Path + suffix);
    }
}

/// <summary>A sentence that a caller works on.</summary>
internal sealed class PendingSentence
{
    /// <summary>Ends when the outcome is in the journal, or the work ended without one.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
