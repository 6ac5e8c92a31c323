using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse;

/// <summary>The engine and journal of a synthesis step, opened when the first text is read; all cursors and single rows share it, and so do the transformers that one estimator made.</summary>
/// <remarks>Sharing among transformers is what lets a cross-validation without a given journal pay once: its folds ask for the same sentences.</remarks>
internal sealed class SharedEngine(IChatClient client, TripletSynthesisOptions options)
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly object _gate = new();
    private SynthesisEngine? _engine;
    private TaskCompletionSource? _idle;
    private int _users, _working, _passes;
    private bool _retired;
    private string? _adopted;
    private long _warnedOf;

    /// <summary>The settings.</summary>
    public TripletSynthesisOptions Options => options;

    /// <summary>Why the last reading stopped early; null where it did not.</summary>
    public string? StoppedBecause { get; set; }

    /// <summary>One more transformer.</summary>
    public SharedEngine Join()
    {
        lock (_gate) _users++;
        return this;
    }

    /// <summary>Takes over the temporary journal of another engine, if that has opened one; it is gone with the last of the two.</summary>
    public async Task<bool> AdoptAsync(SharedEngine other, CancellationToken cancellationToken)
    {
        lock (other._gate)
        {
            if (other._engine?.Journal is not { IsTemporary: true } journal) return false;
            _adopted = journal.Path;
        }
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>A reading begins.</summary>
    public void BeginPass()
    {
        lock (_gate) _passes++;
    }

    /// <summary>A reading has ended.</summary>
    public void EndPass()
    {
        lock (_gate)
        {
            if (--_passes > 0 || !_retired) return;
        }
        _ = LeaveAsync();
    }

    /// <summary>One transformer less, when the readings under way have ended.</summary>
    public Task RetireAsync()
    {
        lock (_gate)
        {
            _retired = _passes > 0;
            if (_retired) return Task.CompletedTask;
        }
        return LeaveAsync();
    }

    /// <summary>One transformer less; the last one waits for what is under way, and closes the journal.</summary>
    public async Task LeaveAsync()
    {
        SynthesisEngine? closing;
        Task idle;
        lock (_gate)
        {
            if (--_users > 0) return;
            (closing, _engine) = (_engine, null);
            idle = _working == 0 ? Task.CompletedTask : (_idle = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        await idle.ConfigureAwait(false);
        if (closing is not null) await closing.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Opens the journal, if it is not open.</summary>
    /// <exception cref="IOException">The journal is open in another process, or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, or no journal.</exception>
    /// <exception cref="ObjectDisposedException">Every transformer was disposed.</exception>
    public async Task<SynthesisEngine> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                if (_users == 0) throw Disposed();
                if (_engine is not null) return _engine;
            }
            var opened = await SynthesisEngine.OpenAsync(client, _adopted is null ? options : options with { JournalPath = _adopted }, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                if (_users > 0) return _engine = opened;
            }
            await opened.DisposeAsync().ConfigureAwait(false);
            throw Disposed();
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Has a group of sentences written; the engine is open. Starts at once, so that calls in input order begin their work in that order.</summary>
    public async Task<SynthesisOutcome[]> WriteAsync(IReadOnlyList<SentenceJob> jobs, SynthesisRun run)
    {
        SynthesisEngine engine;
        lock (_gate)
        {
            engine = _engine ?? throw Disposed();
            _working++;
        }
        try
        {
            return await engine.WriteAsync(jobs, run).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (--_working == 0) _idle?.TrySetResult();
            }
        }
    }

    /// <summary>A reading came to its end.</summary>
    public async Task<bool> EndAsync(SynthesisRun run)
    {
        SynthesisEngine? engine;
        lock (_gate) engine = _engine;
        if (engine is not null) await engine.Refusals.EndAsync(run).ConfigureAwait(false);
        return engine is not null;
    }

    /// <summary>What the journal holds.</summary>
    public async Task<SynthesisReport> ReportAsync(CancellationToken cancellationToken)
    {
        var engine = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var report = await engine.Journal.ReadAsync(tables => JournalReport.Read(tables, options.Prices)).ConfigureAwait(false);
        return report with { StoppedBecause = StoppedBecause };
    }

    /// <summary>Whether a reading without texts for this many rows is worth a warning: the first one, and one that is worse than those before.</summary>
    public bool IsNews(long rejected)
    {
        lock (_gate)
        {
            if (rejected <= _warnedOf) return false;
            _warnedOf = rejected;
            return true;
        }
    }

    private static ObjectDisposedException Disposed() => new(nameof(TripletSynthesisTransformer));
}
