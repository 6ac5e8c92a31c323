using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>
/// One reading of synthesised columns: takes sentences in the reader's order, has them written ahead of it in groups, and waits for the one
/// whose turn it is.
/// </summary>
internal sealed class SynthesisPass : IDisposable
{
    private readonly IHost _host;
    private readonly SharedEngine _engine;
    private readonly string _columns;
    private readonly Action _letGo;
    private readonly CancellationToken _end;
    private readonly SynthesisRun _run;
    private readonly Queue<Task> _underWay = new();
    private readonly RejectionCounts _rejected = new();
    private Group? _open;
    private long _read;
    private bool _ended, _disposed;

    /// <param name="host">The step's host.</param>
    /// <param name="engine">The engine, which is open and held for this reading.</param>
    /// <param name="columns">The step's columns, for messages.</param>
    /// <param name="letGo">Called when the reading lets go of the engine.</param>
    /// <param name="end">Ends with the transformer.</param>
    public SynthesisPass(IHost host, SharedEngine engine, string columns, Action letGo, CancellationToken end)
        => (_host, _engine, _columns, _letGo, _end, _run) = (host, engine, columns, letGo, end, new SynthesisRun(end));

    /// <summary>Takes one more sentence.</summary>
    /// <param name="job">The sentence.</param>
    /// <param name="last">Whether its group ends with it.</param>
    /// <returns>What <see cref="Wait"/> finds its outcome by.</returns>
    public Place Add(SentenceJob job, bool last)
    {
        _open ??= new Group();
        var place = new Place(_open, _open.Jobs.Count);
        _open.Jobs.Add(job);
        if (last) Start();
        return place;
    }

    /// <summary>Starts the group that waits for more sentences: there are none.</summary>
    public void Start()
    {
        if (_open is null) return;
        while (_underWay.TryPeek(out var task) && task.IsCompletedSuccessfully) _underWay.Dequeue();
        _underWay.Enqueue(_open.Outcomes = _engine.WriteAsync(_open.Jobs, _run));
        _open = null;
    }

    /// <summary>Waits for a sentence's outcome.</summary>
    /// <exception cref="SynthesisStoppedException">The run cannot go on.</exception>
    /// <exception cref="OperationCanceledException">The environment was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public SynthesisOutcome Wait(Place place)
    {
        var outcome = Translated(place.Group.Outcomes!)[place.Index];
        _read++;
        _rejected.Add(outcome);
        return outcome;
    }

    /// <summary>
    /// The rows came to their end: waits for texts that were asked for and not read, and decides whether the last refusals were those of
    /// single requests. A second call does nothing.
    /// </summary>
    /// <exception cref="SynthesisStoppedException">The provider refused every request.</exception>
    /// <exception cref="OperationCanceledException">The environment was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void End()
    {
        if (_ended) return;
        Translated(FinishAsync());
        _ended = true;
    }

    private async Task<bool> FinishAsync()
    {
        await Task.WhenAll(_underWay).ConfigureAwait(false);
        return await _engine.EndAsync(_run).ConfigureAwait(false);
    }

    private T Translated<T>(Task<T> work)
    {
        try
        {
            return BlockingBridge.Wait(_host, work);
        }
        catch (OperationCanceledException error)
        {
            _run.Cancel();
            if (_end.IsCancellationRequested) throw DisposedStep.Error(_columns);
            throw _run.Explain(error);
        }
        catch (ObjectDisposedException) when (_end.IsCancellationRequested)
        {
            throw DisposedStep.Error(_columns);
        }
    }

    /// <summary>Cancels what is under way, waits until it is written down, and warns of rows without text.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _run.Cancel();
        BlockingBridge.Drain(_underWay);
        try
        {
            Report();
        }
        finally
        {
            _run.Dispose();
            _letGo();
        }
    }

    private void Report()
    {
        if (!_ended) _engine.Forget();
        _engine.StoppedBecause = _run.Stopped?.Message;
        if (_engine.IsNews(_rejected.Total))
        {
            using var channel = _host.Start("Synthesis");
            channel.Warning("{0}", $"{_rejected.Total} of {_read} sentences got no text, and their columns are empty: {_rejected}.");
        }
    }

    /// <summary>Where a sentence's outcome will be.</summary>
    /// <param name="Group">Its group.</param>
    /// <param name="Index">Its place in the group, from 0.</param>
    public readonly record struct Place(Group Group, int Index);

    /// <summary>Neighbouring sentences that are asked for together.</summary>
    public sealed class Group
    {
        /// <summary>The sentences.</summary>
        public List<SentenceJob> Jobs { get; } = [];

        /// <summary>What becomes of them; null until the group is started.</summary>
        public Task<SynthesisOutcome[]>? Outcomes { get; set; }
    }
}
