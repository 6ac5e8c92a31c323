using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Prompts;
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
        foreach (string sentence in await task.ConfigureAwait(false))
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

/// <summary>Draws a genre and topics for each list, by (seed, number of the list).</summary>
internal sealed class ScratchLists
{
    private readonly IReadOnlyList<string> _genres, _topics;
    private readonly RendezvousDraw _genreDraw, _topicDraw;
    private readonly int _seed, _topicsPerRequest;

    public ScratchLists(ScratchSynthesisOptions options, TripletSynthesisOptions triplets)
    {
        (_genres, _topics) = (options.Genres ?? triplets.PromptLibrary.Genres, options.Topics ?? triplets.PromptLibrary.Topics);
        (_genreDraw, _topicDraw) = (new(_genres), new(_topics));
        (_seed, _topicsPerRequest, Size) = (triplets.Seed, options.TopicsPerRequest, options.SentencesPerRequest);
    }

    /// <summary>Sentences in a list.</summary>
    public int Size { get; }

    /// <summary>What list number <paramref name="number"/> is to be.</summary>
    public ScratchList this[long number]
    {
        get
        {
            string name = number.ToString(CultureInfo.InvariantCulture);
            long genre = SeedMixer.Mix(_seed, "genre|" + name), topics = SeedMixer.Mix(_seed, "topics|" + name);
            return new(_genres[_genreDraw.Draw(_seed, genre, 1)[0]],
                [.. _topicDraw.Draw(_seed, topics, _topicsPerRequest).Select(i => _topics[i])]);
        }
    }
}

/// <summary>The genre and topics of one list of sentences.</summary>
/// <param name="Genre">The kind of text.</param>
/// <param name="Topics">What it is about.</param>
internal sealed record ScratchList(string Genre, IReadOnlyList<string> Topics)
{
    /// <summary>The topics in one text, as outcomes hold them.</summary>
    public string Topic { get; } = string.Join(", ", Topics);
}
