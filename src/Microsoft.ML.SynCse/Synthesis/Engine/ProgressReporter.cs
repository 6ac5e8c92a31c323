using System.Diagnostics;

namespace Microsoft.ML.SynCse;

/// <summary>Counts outcomes and reports them, at most ten times a second.</summary>
internal sealed class ProgressReporter(IProgress<SynthesisProgress>? progress, SynthesisRun run, JournalStore journal, TokenPrices? prices, long? total)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private long _accepted, _rejected, _last;

    /// <summary>Sentences with all their texts.</summary>
    public long Accepted => _accepted;

    /// <summary>An outcome is known.</summary>
    public void Count(SynthesisOutcome outcome)
    {
        if (outcome.Example is null) _rejected++;
        else _accepted++;
        if (progress is null || (_last != 0 && Stopwatch.GetElapsedTime(_last) < Interval)) return;
        Report();
    }

    /// <summary>Reports how far the run is.</summary>
    public void Report()
    {
        if (progress is null) return;
        _last = Stopwatch.GetTimestamp();
        long done = _accepted + _rejected;
        var (used, elapsed) = (journal.Ledger.Used, Stopwatch.GetElapsedTime(run.Started));
        progress.Report(new SynthesisProgress
        {
            Done = done,
            Total = total,
            Accepted = _accepted,
            Rejected = _rejected,
            RejectedTexts = run.RejectedTexts,
            Requests = run.Requests,
            Faults = run.Faults,
            InFlight = run.InFlight,
            InputTokens = used.InputTokens,
            OutputTokens = used.OutputTokens,
            Cost = prices?.Cost(used.InputTokens, used.OutputTokens),
            Elapsed = elapsed,
            Remaining = total is { } all && done > 0 && all >= done ? elapsed / done * (all - done) : null,
        });
    }
}
