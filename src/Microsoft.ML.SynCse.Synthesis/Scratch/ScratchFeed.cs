using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Scratch;

/// <summary>
/// Gives new sentences to be written for, no more than can still be needed: lists are asked for ahead, but used in their order, so that the
/// same sentences come in every run.
/// </summary>
internal sealed class ScratchFeed(SynthesisEngine engine, SynthesisRun run, ScratchSynthesisOptions options, ScratchLists lists, int count)
{
    /// <summary>Lists over which the yield is measured.</summary>
    internal const int YieldWindow = 10;

    private readonly NearDuplicates _known = new(options.NearDuplicateSimilarity);
    private readonly Queue<(ScratchList List, Task<IReadOnlyList<string>> Sentences)> _asked = new();
    private readonly Queue<SentenceJob> _ready = new();
    private readonly Queue<int> _newInList = new();
    private readonly object _gate = new();
    private TaskCompletionSource _toldSignal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _nextList, _position;
    private int _fed, _told, _rejected;

    /// <summary>An outcome is known.</summary>
    public void Told(SynthesisOutcome outcome)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            _told++;
            if (outcome.Example is null) _rejected++;
            (signal, _toldSignal) = (_toldSignal, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        signal.TrySetResult();
    }

    /// <summary>The sentences, in the groups in which they are written for.</summary>
    public async IAsyncEnumerable<IReadOnlyList<SentenceJob>> ReadAsync()
    {
        int size = engine.SentencesPerRequest;
        try
        {
            while (await NeededAsync(size).ConfigureAwait(false) is > 0 and int needed)
            {
                while (_ready.Count < needed && await ReadListAsync(needed).ConfigureAwait(false)) { }
                if (_ready.Count == 0) yield break;
                List<SentenceJob> group = [];
                while (group.Count < needed && _ready.TryDequeue(out var next)) group.Add(next);
                lock (_gate) _fed += group.Count;
                yield return group;
            }
        }
        finally
        {
            // Lists that were asked for ahead are paid for: they are read to the end, so that the journal has them.
            foreach (var (_, sentences) in _asked) await ((Task)sentences).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How many sentences to give next: a full group, or, when all outcomes are known, what is still missing; 0: enough.</summary>
    private async Task<int> NeededAsync(int size)
    {
        while (true)
        {
            Task told;
            lock (_gate)
            {
                int missing = count - (_fed - _rejected);
                if (missing >= size || (_told == _fed && missing > 0)) return Math.Min(size, missing);
                if (_told == _fed) return 0;
                told = _toldSignal.Task;
            }
            await told.WaitAsync(run.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the next list in; false if the lists bring too little that is new.</summary>
    private async Task<bool> ReadListAsync(int needed)
    {
        if (_newInList.Count == YieldWindow && _newInList.Sum() < options.MinYield * YieldWindow * lists.Size)
        {
            run.Shortage ??= string.Create(CultureInfo.InvariantCulture,
                $"The last {YieldWindow} lists of {lists.Size} sentences brought {_newInList.Sum()} new ones, "
                + $"a smaller share than MinYield = {options.MinYield}; the run ended there with all its results kept. ")
                + "Give more genres and topics, another model or a higher temperature, or lower MinYield.";
            return false;
        }
        AskAhead(needed);
        var (list, task) = _asked.Dequeue();
        int added = 0;
        foreach (var sentence in await task.ConfigureAwait(false))
        {
            if (!_known.Add(sentence))
            {
                run.Rejected("duplicate-sentence");
                continue;
            }
            _ready.Enqueue(new SentenceJob(sentence, _position++, list.Genre, list.Topic));
            added++;
        }
        _newInList.Enqueue(added);
        if (_newInList.Count > YieldWindow) _newInList.Dequeue();
        return true;
    }

    private void AskAhead(int needed)
    {
        int missing;
        lock (_gate) missing = Math.Max(needed, count - (_fed - _rejected)) - _ready.Count;
        int wanted = Math.Clamp((missing + lists.Size - 1) / lists.Size, 1, engine.MaxConcurrency);
        while (_asked.Count < wanted)
        {
            long number = _nextList++;
            var list = lists[number];
            _asked.Enqueue((list, AskAsync(number, list)));
        }
    }

    private async Task<IReadOnlyList<string>> AskAsync(long number, ScratchList list)
    {
        try
        {
            var request = engine.Requests.Scratch(number, lists.Size, list.Genre, list.Topics);
            return (await engine.Sender.AskAsync(request, reply => ReplyReader.Sentences(reply, lists.Size), run)
                .ConfigureAwait(false)).Value;
        }
        catch (RequestFaultException fault)
        {
            engine.Logger?.LogWarning("A list of sentences was left out, because its request failed ({Fault}).", fault.Fault.Name);
            return [];
        }
    }
}
