using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// Counts outcomes and reports them, at most ten times a second; while none comes, once a second, so that a slow or failing provider is
/// seen.
/// </summary>
internal sealed class ProgressReporter : IDisposable
{
    private static readonly TimeSpan _least = TimeSpan.FromMilliseconds(100), _most = TimeSpan.FromSeconds(1);

    private readonly IProgress<SynthesisProgress>? _progress;
    private readonly SynthesisRun _run;
    private readonly JournalStore _journal;
    private readonly TokenPrices? _prices;
    private readonly long? _total;
    private readonly bool _acceptedOnly;
    private readonly Timer? _timer;
    private readonly object _gate = new();
    private long _accepted, _rejected, _asked, _last;
    private bool _ended;
    private ExceptionDispatchInfo? _error;

    /// <param name="progress">Receives the reports; null: no reports.</param>
    /// <param name="run">The run.</param>
    /// <param name="journal">Its journal.</param>
    /// <param name="prices">Prices, for the cost.</param>
    /// <param name="total">Outcomes to come, if that is known.</param>
    /// <param name="acceptedOnly">Whether the total counts accepted ones alone.</param>
    public ProgressReporter(IProgress<SynthesisProgress>? progress, SynthesisRun run, JournalStore journal, TokenPrices? prices,
        long? total, bool acceptedOnly)
    {
        (_progress, _run, _journal, _prices, _total, _acceptedOnly) = (progress, run, journal, prices, total, acceptedOnly);
        if (progress is not null) _timer = new Timer(_ => ReportIfQuiet(), null, _most, _most);
    }

    /// <summary>An outcome is known.</summary>
    public void Count(SynthesisOutcome outcome)
    {
        lock (_gate)
        {
            _error?.Throw();
            if (outcome.Example is null) _rejected++;
            else _accepted++;
            if (!outcome.FromJournal) _asked++;
        }
        Report(_least);
    }

    /// <summary>Reports how far the run is, unless that was done within this time.</summary>
    public void Report(TimeSpan unlessWithin)
    {
        if (_progress is null) return;
        // Under the lock, so that the caller gets one report after the other and none after the end.
        lock (_gate)
        {
            if (_ended || (_last != 0 && Stopwatch.GetElapsedTime(_last) < unlessWithin)) return;
            _last = Stopwatch.GetTimestamp();
            _progress.Report(Now());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Report(TimeSpan.Zero);
        lock (_gate) _ended = true;
    }

    // An error of the caller's on the timer's thread would end the process, and the replies under way with it: it waits for the next
    // outcome, and ends the run there.
    private void ReportIfQuiet()
    {
        try
        {
            Report(_most);
        }
        catch (Exception error)
        {
            lock (_gate) (_ended, _error) = (true, ExceptionDispatchInfo.Capture(error));
        }
    }

    private SynthesisProgress Now()
    {
        var (used, elapsed) = (_journal.Ledger.Used, Stopwatch.GetElapsedTime(_run.Started));
        return new SynthesisProgress
        {
            Done = _accepted + _rejected,
            Total = _total,
            Accepted = _accepted,
            Rejected = _rejected,
            FromJournal = _accepted + _rejected - _asked,
            RejectedTexts = _run.RejectedTexts,
            Requests = _run.Requests,
            Faults = _run.Faults,
            InFlight = _run.InFlight,
            InputTokens = used.InputTokens,
            OutputTokens = used.OutputTokens,
            Cost = _prices?.Cost(used.InputTokens, used.OutputTokens),
            Elapsed = elapsed,
            Remaining = Remaining(elapsed),
        };
    }

    // What came from the journal took no time; the share of outcomes that bring the end nearer is taken to stay as it is.
    private TimeSpan? Remaining(TimeSpan elapsed)
    {
        long done = _accepted + _rejected, counted = _acceptedOnly ? _accepted : done;
        if (_total is not { } total || _asked == 0 || counted == 0) return _total is { } all && counted >= all ? TimeSpan.Zero : null;
        return elapsed / _asked * (Math.Max(0, total - counted) * ((double)done / counted));
    }
}
