using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>
/// The engine and journal of a synthesis step, opened when the first text is read; all cursors and single rows share it, and so do the
/// transformers that one estimator made.
/// </summary>
/// <remarks>
/// Sharing among transformers is what lets a cross-validation without a given journal pay once: its folds ask for the same sentences.
/// Transformers and readings are counted alike: the journal is closed when the last of them has left, so a reading ends with the client
/// it began with although its transformer has another by then.
/// </remarks>
internal sealed class SharedEngine(IChatClient client, TripletSynthesisOptions options)
{
    private readonly SemaphoreSlim _opening = new(1, 1);                // held while the journal is opened or closed
    private readonly object _gate = new();
    private SynthesisEngine? _engine;
    private TaskCompletionSource? _idle;
    private int _users, _readings, _working;
    private string? _adopted;
    private long _warnedOf;

    /// <summary>The settings.</summary>
    public TripletSynthesisOptions Options => options;

    /// <summary>Why the last reading stopped early; null if it did not.</summary>
    public string? StoppedBecause { get; set; }

    /// <summary>One more transformer.</summary>
    public SharedEngine Join()
    {
        lock (_gate) _users++;
        return this;
    }

    /// <summary>One more reading, begun by a transformer that has not left.</summary>
    public EngineReading BeginReading()
    {
        lock (_gate)
        {
            _users++;
            _readings++;
        }
        return new EngineReading(this);
    }

    /// <summary>One reading less; <see cref="EngineReading.EndAsync"/> calls it once.</summary>
    public Task EndReadingAsync()
    {
        lock (_gate) _readings--;
        return LeaveAsync();
    }

    /// <summary>One user less; the last one waits for what is under way, and closes the journal.</summary>
    public async Task LeaveAsync()
    {
        lock (_gate)
        {
            if (--_users > 0) return;
        }
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            SynthesisEngine? closing;
            Task idle;
            lock (_gate)
            {
                if (_users > 0) return;                                 // another user came meanwhile
                (closing, _engine) = (_engine, null);
                idle = _working == 0 ? Task.CompletedTask : (_idle = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await idle.ConfigureAwait(false);
            if (closing is not null) await closing.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Whether it has a temporary journal of its own, or is about to open one: a reading that has begun and not yet opened the
    /// journal will write to it.</summary>
    public bool HasOwnJournal
    {
        get
        {
            lock (_gate) return options.JournalPath is null && (_engine is not null || _readings > 0);
        }
    }

    /// <summary>Takes over the temporary journal of another engine that <see cref="HasOwnJournal"/>; it is gone with the last of the
    /// two.</summary>
    public async Task<bool> AdoptAsync(SharedEngine other, CancellationToken cancellationToken)
    {
        var engine = await other.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (!engine.Journal.IsTemporary) return false;
        _adopted = engine.Journal.Path;
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Opens the journal, if it is not open.</summary>
    /// <exception cref="IOException">The journal is open in another process, or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    /// <exception cref="ObjectDisposedException">Every transformer was disposed.</exception>
    public async Task<SynthesisEngine> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                if (_users == 0) throw DisposedStep.Error(null);
                if (_engine is not null) return _engine;
            }
            var opened = await SynthesisEngine.OpenAsync(client, _adopted is null ? options : options with { JournalPath = _adopted },
                cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                if (_users > 0) return _engine = opened;
            }
            await opened.DisposeAsync().ConfigureAwait(false);
            throw DisposedStep.Error(null);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>
    /// Has a group of sentences written; the engine is open. Starts at once, so that calls in input order begin their work in that order.
    /// </summary>
    public async Task<SynthesisOutcome[]> WriteAsync(IReadOnlyList<SentenceJob> jobs, SynthesisRun run)
    {
        var engine = BeginWork();
        try
        {
            return await engine.WriteAsync(jobs, run).ConfigureAwait(false);
        }
        finally
        {
            EndWork();
        }
    }

    /// <summary>A reading came to the end of its rows.</summary>
    /// <exception cref="SynthesisStoppedException">The provider refused every request.</exception>
    public async Task<bool> EndAsync(SynthesisRun run)
    {
        var engine = BeginWork();
        try
        {
            await engine.Refusals.EndAsync(run).ConfigureAwait(false);
            return true;
        }
        finally
        {
            EndWork();
        }
    }

    /// <summary>
    /// A reading ended before its rows did: what it left undecided is asked again, unless another reading still decides it.
    /// </summary>
    public void Forget()
    {
        lock (_gate)
        {
            if (_readings == 1) _engine?.Refusals.Forget();
        }
    }

    /// <summary>What the journal holds.</summary>
    public async Task<SynthesisReport> ReportAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var engine = BeginWork();
        try
        {
            var report = await engine.Journal.ReadAsync(tables => tables.Report(options.Prices)).ConfigureAwait(false);
            return report with { StoppedBecause = StoppedBecause };
        }
        finally
        {
            EndWork();
        }
    }

    /// <summary>
    /// Whether a reading without texts for this many rows is worth a warning: the first one, and one that is worse than those before.
    /// </summary>
    public bool IsNews(long rejected)
    {
        lock (_gate)
        {
            if (rejected <= _warnedOf) return false;
            _warnedOf = rejected;
            return true;
        }
    }

    private SynthesisEngine BeginWork()
    {
        lock (_gate)
        {
            var engine = (_users > 0 ? _engine : null) ?? throw DisposedStep.Error(null);
            _working++;
            return engine;
        }
    }

    private void EndWork()
    {
        lock (_gate)
        {
            if (--_working == 0) _idle?.TrySetResult();
        }
    }
}

/// <summary>One reading's hold on the engine that it began with: the engine's journal stays open until it ends.</summary>
/// <param name="engine">The engine.</param>
internal sealed class EngineReading(SharedEngine engine)
{
    private int _ended;

    /// <summary>The engine.</summary>
    public SharedEngine Engine => engine;

    /// <summary>Lets go of the engine; a second call does nothing.</summary>
    public Task EndAsync() => Interlocked.Exchange(ref _ended, 1) == 0 ? engine.EndReadingAsync() : Task.CompletedTask;
}
